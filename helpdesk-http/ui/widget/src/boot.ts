/** The script of one tag: defines the element, runs the queued commands, and starts by itself where its tag names a key. */
import type { Config } from './config';
import type { Desk } from './core/desk';
import { HelpdeskElement } from './element';

type Listener = (detail?: unknown) => void;
type Command = (...parameters: never[]) => unknown;

interface Api {
  (command: string, ...parameters: unknown[]): unknown;
  /** Commands given before the script had loaded. */
  q?: [string, ...unknown[]][];
  /** Set once the script runs. */
  loaded?: boolean;
}

declare global {
  interface Window {
    Helpdesk?: Api;
  }
}

const TAG = 'helpdesk-widget';

function install(): void {
  const script = document.currentScript as HTMLScriptElement | null;
  const { q: queue, loaded } = window.Helpdesk ?? {};
  // The script lies at {base}/widget/v1/widget.js.
  const defaults: Partial<Config> = script?.src ? { base: new URL('../..', script.src).href } : {};
  if (loaded) return;

  /** What was given to `on`, and what hears the document for it. */
  const listeners: [name: string, listener: Listener, heard: (event: Event) => void][] = [];
  let element: HelpdeskElement | undefined;

  const on = (name: string, listener: Listener): void => {
    const heard = (event: Event): void => listener((event as CustomEvent).detail);
    listeners.push([name, listener, heard]);
    document.addEventListener(`helpdesk:${name}`, heard);
  };
  const off = (name: string, listener: Listener): void => {
    for (const [known, given, heard] of listeners) if (known === name && given === listener) document.removeEventListener(`helpdesk:${name}`, heard);
  };
  const widget = (): HelpdeskElement | undefined => element ?? document.querySelector<HelpdeskElement>(TAG) ?? undefined;
  const desk = (): Desk | undefined => widget()?.desk;
  const ready = (run: () => void): void => {
    if (desk()) run();
    else on('ready', run);
  };
  const boot = (options: Partial<Config> = {}): void => {
    const there = widget();
    if (there) {
      there.configure(options);
      return;
    }
    element = document.createElement(TAG) as HelpdeskElement;
    element.options = { ...defaults, ...options };
    // Outside the body, which some kinds of navigation swap as a whole.
    document.documentElement.append(element);
  };

  const commands: Record<string, Command> = {
    boot,
    update: boot,
    shutdown() {
      const there = widget();
      there?.end(true);
      there?.remove();
      element = undefined;
    },
    show: () => desk()?.show(),
    hide: () => desk()?.hide(),
    toggle: () => (desk()?.open ? desk()?.hide() : desk()?.show()),
    launcher: (shown: boolean) => widget()?.configure({ 'hide-launcher': shown ? null : '' }),
    message(text?: string) {
      desk()?.show();
      if (text) desk()?.typed(String(text));
    },
    human() {
      desk()?.show();
      desk()?.human();
    },
    identify: ({ token }: { token: string }) => desk()?.identify(token),
    reset: () => desk()?.reset(),
    on,
    off,
    ready,
  };
  const api: Api = (command, ...parameters) => {
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (!run) throw new TypeError(`Helpdesk: no command "${command}"`);
    return run(...(parameters as never[]));
  };
  api.loaded = true;
  window.Helpdesk = api;

  if (!customElements.get(TAG)) customElements.define(TAG, HelpdeskElement);
  const { hideLauncher, ...data } = script?.dataset ?? {};
  const given = queue ?? [];
  // Who wants to hear of things hears of the first one too.
  const first = given.filter(([command]) => command === 'on');
  const begin: typeof given = data.key === undefined ? [] : [['boot', { ...data, 'hide-launcher': hideLauncher }]];
  for (const [command, ...parameters] of [...first, ...begin, ...given.filter((one) => !first.includes(one))]) {
    try {
      api(command, ...parameters);
    } catch (error) {
      reportError(error);
    }
  }
}

install();
