import { nameOf } from '../i18n/time';

/** Languages offered for texts; a workspace may use any tag that the API takes. */
export const LANGUAGES: readonly string[] = [
  'en', 'ar', 'bg', 'bn', 'ca', 'cs', 'da', 'de', 'el', 'es', 'et', 'fa', 'fi', 'fr', 'he', 'hi', 'hr', 'hu', 'id', 'it', 'ja', 'ko', 'lt', 'lv', 'ms', 'nb', 'nl', 'pl', 'pt', 'pt-BR', 'ro', 'ru', 'sk', 'sl', 'sr', 'sv', 'ta', 'th', 'tr', 'uk', 'ur', 'vi', 'zh-Hans', 'zh-Hant',
];

export const languageLabel = (tag: string): string => `${nameOf('language', tag)} (${tag})`;
