/**
 * The widget's own words. English is built in; the other languages are packs beside the script, so that nobody carries what
 * they do not read. What a workspace can word itself comes from its settings.
 */
import { pickLanguage, translator, type Translate } from '@helpdesk/shared/translate';
import en from '../locales/en.json';
import type { Config } from './config';

type Table = Record<string, string>;

const PACKS = /^(ar|de|ja)$/;
const tables: Record<string, Table | undefined> = { en };

/** The languages wanted, best first, for a configured locale. */
export const wantedLanguages = (locale: string): string[] =>
  locale && locale !== 'auto' ? [locale] : [document.documentElement.lang, ...navigator.languages].filter(Boolean);

export interface Language {
  tag: string;
  t: Translate;
}

/** English until the pack has come; `arrived` is called then. */
export function language({ locale, base }: Config, arrived: () => void): Language {
  const wanted = wantedLanguages(locale);
  const name = pickLanguage(wanted, (one) => one === 'en' || PACKS.test(one));
  if (!(name in tables)) {
    tables[name] = undefined;
    fetch(`${base}/widget/v1/locale-${name}.json`)
      .then((response) => response.json())
      .then((table: Table) => {
        tables[name] = { ...en, ...table };
        arrived();
      })
      .catch(() => {
        // It stays in English: that is no reason not to chat.
      });
  }
  const table = tables[name];
  const shown = table ? name : 'en';
  // The visitor's own region decides how times are written.
  const tag = [...navigator.languages, ...wanted].find((one) => one.split('-')[0] === shown) ?? shown;
  return { tag, t: translator(tag, table ?? en) };
}
