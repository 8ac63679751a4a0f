/** Texts of the pages: one flat table a language, `{name}` placeholders, plural forms by `Intl`. */

export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** Puts values into the `{name}` places of a text. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The first of the wanted languages that there is a table for, by its base language; English if there is none. */
export function pickLanguage(wanted: readonly string[], have: (language: string) => boolean): string {
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]!).find(have) ?? 'en';
}

/** A text with `n` among its values is looked up as `{key}_{plural form}`. */
export function translator(language: string, table: Record<string, string>): Translate {
  return (key, values = {}) => {
    const { n } = values;
    const text = typeof n === 'number' ? (table[`${key}_${new Intl.PluralRules(language).select(n)}`] ?? table[`${key}_other`]) : table[key];
    return fill(text ?? key, values);
  };
}

/** Whether the language is written from right to left. */
export const rightToLeft = (language: string): boolean => /^(ar|fa|he|ur|ps|sd|ug|yi|dv|ckb)\b/i.test(language);
