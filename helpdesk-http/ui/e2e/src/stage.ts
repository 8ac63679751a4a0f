/** One browser, people in it, and everything that their pages complained about. */
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchBrowser } from './browser';

/** Somebody who chats on the demo page. */
export interface Visitor {
  page: Page;
  launcher: Locator;
  panel: Locator;
  field: Locator;
  humanButton: Locator;
  divider: Locator;
  /** The type of every frame that the widget received, in order. */
  frames: string[];
  /** What the last session request was answered with. */
  session(): { token: string };
  open(): Promise<void>;
  send(text: string): Promise<void>;
  /** The bubbles, top to bottom, without their sources. */
  texts(): Promise<string[]>;
}

/** Somebody of the team, at the inbox. */
export interface Operator {
  page: Page;
  log: Locator;
  field: Locator;
  row(conversation: string): Locator;
  view(name: string): Locator;
  button(name: string): Locator;
  texts(): Promise<string[]>;
}

export interface Stage {
  /** Complaints of pages: errors, dialogs, refusals of a content security policy, requests that left the server. */
  complaints: string[];
  /** `hostileTitle` becomes the title of the page before the widget reads it. */
  visitor(url: string, options?: BrowserContextOptions & { hostileTitle?: string }): Promise<Visitor>;
  operator(link: string, options?: BrowserContextOptions & { email?: string; password?: string }): Promise<Operator>;
  /** Closes everything; before, where HELPDESK_PICTURES names a folder, pictures of how the pages looked at the end go there. */
  end(name?: string): Promise<void>;
}

/** How long anything may take on a slow machine. */
const PATIENCE = 60_000;
/** What a page says while its server is away, on purpose. */
const EXPECTED = /Failed to load resource|WebSocket connection|net::ERR/;

export async function setStage(): Promise<Stage> {
  const browser = await launchBrowser();
  const complaints: string[] = [];

  const enter = async (name: string, options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(PATIENCE);
    // Said on the console, because a page that goes away takes its variables with it.
    await context.addInitScript(() => {
      // What hostile text calls, should it ever run.
      Object.assign(window, { hit: () => console.error('hit: hostile text has run') });
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`);
      });
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`${name}: error: ${error.message}`));
    page.on('dialog', (dialog) => {
      complaints.push(`${name}: dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (entry) => {
      if (entry.type() === 'error' && !EXPECTED.test(entry.text())) complaints.push(`${name}: console: ${entry.text()}`);
    });
    page.on('request', (request) => {
      if (!/^(https?:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url())) complaints.push(`${name}: left the server: ${request.url()}`);
    });
    return page;
  };

  return {
    complaints,
    async visitor(url, { hostileTitle, ...options } = {}) {
      const page = await enter('widget', options);
      if (hostileTitle) {
        await page.addInitScript((title) => {
          new MutationObserver((_, observer) => {
            if (!document.body) return;
            observer.disconnect();
            document.title = title;
          }).observe(document, { childList: true, subtree: true });
        }, hostileTitle);
      }
      const frames: string[] = [];
      let session: { token: string } | undefined;
      page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push((JSON.parse(String(payload)) as { type: string }).type)));
      page.on('response', (answer) => {
        if (answer.url().endsWith('/widget/session') && answer.ok()) answer.json().then((body) => (session = body)).catch(() => undefined);
      });
      await page.goto(url);
      const panel = page.getByRole('dialog');
      const visitor: Visitor = {
        page,
        launcher: page.locator('helpdesk-widget .launcher'),
        panel,
        field: panel.getByRole('textbox'),
        humanButton: panel.locator('.human'),
        divider: panel.locator('.divider'),
        frames,
        session() {
          if (!session) throw new Error('The widget has no session yet.');
          return session;
        },
        async open() {
          await visitor.launcher.click();
          await visitor.field.waitFor();
        },
        async send(text) {
          await visitor.field.fill(text);
          await visitor.field.press('Enter');
        },
        texts: () =>
          panel.locator('.bubble:not(.dots):not(.growing)').evaluateAll((bubbles) =>
            bubbles.map((bubble) => {
              const copy = bubble.cloneNode(true) as Element;
              copy.querySelector('.sources')?.remove();
              return (copy.textContent ?? '').trim();
            }),
          ),
      };
      return visitor;
    },
    async operator(link, { email, password, ...options } = {}) {
      const page = await enter(email ?? 'owner', options);
      await page.goto(link);
      if (email && password) {
        await page.getByLabel('E-mail address').fill(email);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Log in' }).click();
      }
      await page.waitForURL(/\/helpdesk\/inbox/);
      await page.locator('[data-view="all"]').first().waitFor({ state: 'attached' });
      const log = page.getByRole('log');
      return {
        page,
        log,
        field: page.getByRole('textbox', { name: /^Reply to/ }),
        row: (conversation) => page.locator(`[data-conversation="${conversation}"]`),
        view: (name) => page.locator(`[data-view="${name}"]`),
        button: (name) => page.getByRole('button', { name, exact: true }).first(),
        texts: () => log.locator('[data-seq] [data-author]').evaluateAll((messages) => messages.map((message) => (message.querySelector('[class*="prose"], [class*="Prose"], [class*="markdown"]') ?? message).textContent ?? '')),
      };
    },
    async end(name = 'end') {
      const folder = process.env['HELPDESK_PICTURES'];
      if (folder) {
        const pages = browser.contexts().flatMap((context) => context.pages());
        for (const [index, page] of pages.entries()) await page.screenshot({ path: join(folder, `${name}-${index + 1}.png`) });
      }
      await browser.close();
    },
  };
}
