import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { seed, type Seed } from '../fake/seed';
import { startFakeServer, type FakeServer } from '../fake/server';

export interface Stage extends Seed {
  server: FakeServer;
  browser: Browser;
  /** A signed-in page at a path below the inbox; every complaint of the page or its policy is kept in `complaints`. */
  enter(path: string, options?: { operator?: string; width?: number; height?: number; dark?: boolean }): Promise<Page>;
  complaints: string[];
  end(): Promise<void>;
}

const DIST = process.env['INBOX_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));

export async function setStage(extra?: number): Promise<Stage> {
  const seeded = seed(extra);
  const server = await startFakeServer(seeded.desk, DIST);
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const complaints: string[] = [];
  const contexts = new Set<BrowserContext>();
  return {
    ...seeded,
    server,
    browser,
    complaints,
    async enter(path, { operator = seeded.me.id, width = 1440, height = 900, dark = false } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', locale: 'en-GB' });
      contexts.add(context);
      await context.addCookies([{ name: 'operator', value: operator, url: server.origin }]);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('console', (entry) => {
        if (entry.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(entry.text())) complaints.push(`console: ${entry.text()}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(server.origin) && !/^(data|blob):/.test(request.url())) complaints.push(`left the origin: ${request.url()}`);
      });
      await page.goto(`${server.inbox}${path}`);
      // Events before the line is up would be history and not news.
      await page.waitForSelector('[data-line="live"]', { state: 'attached' });
      return page;
    },
    async end() {
      for (const context of contexts) await context.close();
      await browser.close();
      await server.close();
    },
  };
}
