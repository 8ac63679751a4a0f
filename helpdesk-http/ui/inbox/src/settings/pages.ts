import type { TextKey } from '../i18n/translate';

/** The settings, in the order of their menu. */
export const SETTINGS_PAGES = [
  { to: '/settings/general', key: 'settings.general', managers: false },
  { to: '/settings/human-support', key: 'settings.human_support', managers: false },
  { to: '/settings/assistants', key: 'settings.assistants', managers: false },
  { to: '/settings/articles', key: 'settings.articles', managers: false },
  { to: '/settings/tokens', key: 'settings.tokens', managers: true },
  { to: '/settings/audit', key: 'settings.audit', managers: true },
] as const satisfies readonly { to: string; key: TextKey; managers: boolean }[];
