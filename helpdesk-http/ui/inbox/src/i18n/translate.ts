/** Texts of the page. English is complete and gives the keys their type; another language is one more file with the same keys. */

import { en } from './en';

export type TextKey = keyof typeof en;
/** The key of a text with plural forms, without the form's name: `queue.waiting` for `queue.waiting_one` and `queue.waiting_other`. */
export type PluralKey = TextKey extends infer Key ? (Key extends `${infer Stem}_other` ? Stem : never) : never;
export type Catalogue = Readonly<Record<TextKey, string>>;
type Values = Readonly<Record<string, string | number>>;

/** Languages beside English load on demand, so that nobody pays for those they do not read. */
const loaders: Readonly<Record<string, () => Promise<Catalogue>>> = {};

let catalogue: Catalogue = en;
let locale = 'en';
/** The reader's own variety of the language: British English has other dates than American. */
let variety = 'en';
let plurals = new Intl.PluralRules('en');

/** Chooses the first of the reader's languages that there is a catalogue for; call once, before the first text is drawn. */
export async function chooseLanguage(wanted: readonly string[]): Promise<string> {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    const load = loaders[primary];
    if (primary !== 'en' && !load) continue;
    catalogue = load ? await load() : en;
    locale = primary;
    variety = tag;
    plurals = new Intl.PluralRules(primary);
    break;
  }
  return locale;
}

/** The language of the texts, in the reader's variety; dates and numbers follow it. */
export const currentLocale = (): string => variety;

function fill(text: string, values: Values | undefined): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? value.toLocaleString(variety) : value;
  });
}

export function t(key: TextKey, values?: Values): string {
  return fill(catalogue[key], values);
}

/** A text that depends on a number, which fills `{count}`. */
export function plural(key: PluralKey, count: number, values?: Values): string {
  const exact = `${key}_${plurals.select(count)}` as TextKey;
  return fill(catalogue[exact] ?? catalogue[`${key}_other`], { ...values, count });
}
