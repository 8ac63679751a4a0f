/** How a host sets the widget up: attributes of the element, `data-*` of the script tag, options of `boot`. */

export interface Config {
  /** The public key, which names workspace and assistant. Empty: the default ones. */
  key: string;
  /** Where the helpdesk is mounted, without a slash at the end. */
  base: string;
  /** A language tag, or `auto`: the page's language if the widget speaks it, else the browser's. */
  locale: string;
  theme: 'auto' | 'light' | 'dark';
  side: 'right' | 'left';
  /** Any CSS colour; the workspace's brand colour if empty. */
  color: string;
  /** `''` hides the round button: the host opens the chat itself. */
  'hide-launcher': string | null;
  /** A token signed by the host that says who the visitor is. */
  identity: string;
}

/** What an attribute may set. The identity is a secret and stays out of the document. */
export const ATTRIBUTES = ['key', 'base', 'locale', 'theme', 'side', 'color', 'hide-launcher'] as const;

const DEFAULTS: Config = { key: '', base: '', locale: 'auto', theme: 'auto', side: 'right', color: '', 'hide-launcher': null, identity: '' };

/** Options over defaults; unset and `null` ones count as absent. */
export function configure(options: Partial<Config>): Config {
  const config = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options)) {
    if (value != null) Object.assign(config, { [name]: value });
  }
  config.base = config.base.replace(/\/+$/, '');
  return config;
}
