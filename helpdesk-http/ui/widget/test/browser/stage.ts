/** A fake desk, a browser, and a page with the widget in it. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchBrowser } from '@helpdesk/e2e/browser';
import type { FakeDesk } from '../fake/desk';
import { startFakeServer, type FakeServer } from '../fake/server';

export interface Visit {
  page: Page;
  context: BrowserContext;
  launcher: Locator;
  panel: Locator;
  field: Locator;
  /** The text of every message in the thread, top to bottom. */
  texts(): Promise<string[]>;
  open(): Promise<void>;
  send(text: string): Promise<void>;
  /** The events that the host has heard, by name. */
  heard(): Promise<string[]>;
}

export interface Stage {
  server: FakeServer;
  desk: FakeDesk;
  visit(path?: string, options?: BrowserContextOptions, context?: BrowserContext): Promise<Visit>;
  /** What pages and their policies have complained about. */
  complaints: string[];
  end(): Promise<void>;
}

let browser: Promise<Browser> | undefined;

export async function setStage(): Promise<Stage> {
  browser ??= launchBrowser();
  const launched = await browser;
  const server = await startFakeServer();
  const contexts = new Set<BrowserContext>();
  const complaints: string[] = [];
  return {
    server,
    desk: server.desk,
    complaints,
    async visit(path = '/', options = {}, existing) {
      const context = existing ?? (await launched.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options }));
      contexts.add(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('console', (entry) => {
        if (entry.type() === 'error' && !/Failed to load resource|WebSocket connection|net::ERR/.test(entry.text())) complaints.push(`console: ${entry.text()}`);
      });
      await page.addInitScript(() => {
        const heard: string[] = [];
        Object.assign(window, { heard });
        for (const name of ['ready', 'open', 'close', 'unread', 'message', 'sent', 'human', 'end', 'assigned', 'connected', 'disconnected', 'error']) {
          document.addEventListener(`helpdesk:${name}`, (event) => heard.push(`${name} ${JSON.stringify((event as CustomEvent).detail ?? null)}`));
        }
      });
      await page.goto(server.origin + path);
      const panel = page.getByRole('dialog');
      const visit: Visit = {
        page,
        context,
        launcher: page.locator('helpdesk-widget .launcher'),
        panel,
        field: panel.getByRole('textbox'),
        texts: async () => (await panel.locator('.bubble:not(.dots)').allInnerTexts()).map((text) => text.trim()),
        async open() {
          await visit.launcher.click();
          await panel.waitFor();
        },
        async send(text) {
          await visit.field.fill(text);
          await visit.field.press('Enter');
        },
        heard: () => page.evaluate(() => (window as unknown as { heard: string[] }).heard),
      };
      return visit;
    },
    async end() {
      for (const context of contexts) await context.close();
      await server.close();
    },
  };
}

/** Waits until it holds; the last failure is thrown when it does not come to hold in time. */
export async function eventually(check: () => Promise<void> | void, milliseconds = 8_000): Promise<void> {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
