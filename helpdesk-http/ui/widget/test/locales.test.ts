import { expect, test } from 'vitest';
import ar from '../locales/ar.json';
import de from '../locales/de.json';
import en from '../locales/en.json';
import ja from '../locales/ja.json';

test.each(Object.entries({ ar, de, ja }))('%s has every text with every value of the English one', (language, table: Record<string, string>) => {
  const plural = /_(zero|one|two|few|many|other)$/;
  const missing = Object.keys(en).filter((key) => !(key in table) && !plural.test(key));
  expect(missing).toEqual([]);
  for (const [key, text] of Object.entries(en)) {
    if (key in table && !plural.test(key)) expect(table[key]!.match(/\{\w+\}/g), key).toEqual(text.match(/\{\w+\}/g));
  }
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const form of forms) expect(table[`unread_${form}`], form).toBeTruthy();
  expect(Object.keys(table).filter((key) => !(key in en) && !plural.test(key))).toEqual([]);
});
