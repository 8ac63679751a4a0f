/** For people who do not see, point or read like the author. */
import type { BrowserContextOptions } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { violations } from '@helpdesk/e2e/browser';
import { eventually, setStage, type Stage, type Visit } from './stage';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(async () => {
  const { complaints } = stage;
  await stage.end();
  expect(complaints).toEqual([]);
});

/** Through every look that the widget has; `check` is called in each. */
async function through({ open, send, panel, page }: Visit, check: (where: string) => Promise<void>): Promise<void> {
  const { desk } = stage;
  await check('closed');
  await open();
  await panel.locator('.bubble').first().waitFor();
  await page.waitForTimeout(400);
  await check('greeting');
  const before = desk.conversations.size;
  await send('Hello, see https://a.example/');
  await eventually(() => expect(desk.conversations.size).toBe(before + 1));
  const held = desk.last;
  await panel.locator('.dots').waitFor();
  await check('typing');
  desk.delta(held, 'One\n\n- two\n- `three`\n\n```\nfour\n```\n\n> five');
  await panel.locator('.growing').waitFor();
  await check('streaming');
  desk.answer(held, undefined, [{ title: 'Six', url: 'https://a.example/' }]);
  desk.answer(held, 'Seven');
  desk.answer(held, 'Eight');
  await panel.locator('.human').waitFor();
  await check('button');
  await panel.locator('.human').click();
  await panel.locator('.divider').waitFor();
  await check('waiting');
  desk.claim(held, 'Maya');
  desk.write(held, { type: 'operator', name: 'Maya' }, 'Nine');
  await panel.getByText('Nine').waitFor();
  await check('connected');
  stage.server.down = true;
  stage.server.cut();
  await send('Ten');
  await panel.locator('.queued').waitFor();
  await page.waitForTimeout(2_200);
  await check('offline');
  stage.server.down = false;
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await eventually(() => expect(held.entries.at(-1)?.body).toMatchObject({ text: 'Ten' }), 30_000);
  desk.resolve(held);
  await panel.locator('.notice').waitFor();
  await check('ended');
  await panel.locator('.header .plain').first().click();
  await panel.locator('.list li').first().waitFor();
  await check('history');
}

describe('no rule of WCAG 2.2 AA is broken', () => {
  test.each<[string, string, BrowserContextOptions]>([
    ['light', '/', {}],
    ['dark', '/', { colorScheme: 'dark' }],
    ['right to left', '/rtl', {}],
    ['dark and right to left', '/rtl', { colorScheme: 'dark' }],
    ['320 pixels', '/', { viewport: { width: 320, height: 560 } }],
    ['forced colours', '/', { forcedColors: 'active' }],
    ['a light brand colour', '/?color=%23fde047', {}],
  ])('%s', async (_name, path, options) => {
    const visit = await stage.visit(path, { reducedMotion: 'reduce', ...options });
    const wrong: string[] = [];
    await through(visit, async (where) => {
      for (const violation of await violations(visit.page, 'helpdesk-widget')) wrong.push(`${where}: ${violation}`);
      // Nothing is cut off sideways.
      const overflow = await visit.page.evaluate(() => [...document.querySelector('helpdesk-widget')!.shadowRoot!.querySelectorAll('.panel, .thread, .foot, .header')].filter((node) => node.scrollWidth > node.clientWidth).map((node) => node.className));
      if (overflow.length) wrong.push(`${where}: wider than its place: ${overflow.join()}`);
    });
    expect(wrong).toEqual([]);
  });
});

test('everything can be done with the keyboard alone, and the focus comes back', async () => {
  const { page, panel, launcher } = await stage.visit();
  await launcher.waitFor();
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const node = document.querySelector('helpdesk-widget')?.shadowRoot?.activeElement;
      return node ? (node.getAttribute('aria-label') ?? node.textContent ?? node.tagName) : (document.activeElement?.id ?? '');
    });
  const tabTo = async (name: string, key = 'Tab'): Promise<void> => {
    for (let presses = 0; presses < 15; presses += 1) {
      if ((await focused()) === name) return;
      await page.keyboard.press(key);
    }
    throw new Error(`Never reached ${name}; at ${await focused()}`);
  };
  await page.keyboard.press('Tab');
  await tabTo('Open chat');
  await page.keyboard.press('Enter');
  await panel.waitFor();
  await eventually(async () => expect(await focused()).toBe('Write a message…'));
  await page.keyboard.type('Hello');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('there');
  await page.keyboard.press('Enter');
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  expect(stage.desk.last.entries[0]!.body).toMatchObject({ text: 'Hello\nthere' });
  await page.keyboard.type('By the button');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually(() => expect(stage.desk.last.entries.length).toBe(2));
  expect(await focused()).toBe('Write a message…');
  const held = stage.desk.last;
  for (const text of ['One', 'Two', 'Three']) stage.desk.answer(held, text);
  await panel.getByText('Three').waitFor();
  await tabTo('Connect to Human Support', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await panel.locator('.divider').waitFor();
  // The button is gone; the focus is not.
  await eventually(async () => expect(await focused()).toBe('Write a message…'));
  await tabTo('Earlier conversations', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await panel.locator('.list li').first().waitFor();
  await eventually(async () => expect(await focused()).not.toBe(''));
  await tabTo('Back', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await panel.locator('.divider').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await eventually(async () => expect(await focused()).toMatch(/^Open chat/));
  expect(await panel.count()).toBe(0);
});

test('text at twice the size still fits', async () => {
  const { page, panel, open } = await stage.visit('/', { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
  await open();
  await panel.locator('.bubble').first().waitFor();
  const box = (await panel.boundingBox())!;
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.y + box.height).toBeLessThanOrEqual(450);
  await page.waitForTimeout(50);
});

test('every language has every word, and plural forms', async () => {
  for (const [locale, write, unread] of [
    ['de', 'Nachricht schreiben …', 'Chat öffnen, 1 ungelesene Nachricht'],
    ['ar', 'اكتب رسالة…', 'فتح المحادثة, رسالة واحدة غير مقروءة'],
    ['ja', 'メッセージを入力…', 'チャットを開く, 未読メッセージ 1 件'],
    ['fr', 'Write a message…', 'Open chat, 1 unread message'],
  ] as const) {
    const { open, field, send, page, launcher, context } = await stage.visit(`/?locale=${locale}&key=${locale}`);
    await open();
    await eventually(async () => expect(await field.getAttribute('placeholder')).toBe(write));
    const before = stage.desk.conversations.size;
    await send('Hello');
    await eventually(() => expect(stage.desk.conversations.size).toBe(before + 1));
    await page.keyboard.press('Escape');
    await eventually(() => expect(stage.server.sockets).toBeGreaterThan(0));
    stage.desk.answer(stage.desk.last, 'Hello');
    await eventually(async () => expect(await launcher.getAttribute('aria-label')).toBe(unread));
    await context.close();
  }
});
