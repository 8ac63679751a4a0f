/** Both pages with a real conversation in them, light and dark, wide and narrow: no rule of WCAG is broken. Pictures on request. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { violations } from '@helpdesk/e2e/browser';
import { startServer, type Server } from '@helpdesk/e2e/server';
import { setStage, type Stage, type Operator, type Visitor } from '@helpdesk/e2e/stage';

/** Where pictures go for people to look at; none are taken without it. */
const folder = process.env['HELPDESK_PICTURES'];
let server: Server;
let stage: Stage;
let visitor: Visitor;
let owner: Operator;
let conversation: string;

beforeAll(async () => {
  if (folder) mkdirSync(folder, { recursive: true });
  server = await startServer();
  stage = await setStage();
  visitor = await stage.visitor(server.url);
  owner = await stage.operator(server.login);
  await visitor.open();
  await visitor.send('My lamp flickers. What can I do?');
  await visitor.panel.locator('.sources').waitFor();
  conversation = (await server.done('GET', 'conversations')).items[0].id;
  // Other people, so that the list is one.
  for (const [name, text] of [
    ['Noor Haddad', 'How long does shipping take to Norway?'],
    ['Jonas Weber', 'Wie lange dauert die Lieferung?'],
    ['Priya Nair', 'Can I return a lamp that I have used?'],
  ] as const) {
    const { token } = await server.done('POST', 'widget/session', { language: 'en', time_zone: 'Europe/Berlin' });
    await server.done('PATCH', 'widget/contact', { name }, token);
    const begun = await server.done('POST', 'widget/conversations', { text }, token);
    if (name === 'Noor Haddad') await server.done('POST', `widget/conversations/${begun.conversation.id}/human`, {}, token);
  }
  const { token } = visitor.session();
  await server.done('PATCH', 'widget/contact', { name: 'Lena Fischer' }, token);
  await server.done('POST', `widget/conversations/${conversation}/human`, {}, token);
  await visitor.divider.waitFor();
}, 120_000);
afterAll(async () => {
  await stage?.end('look');
  await server?.end();
  expect(stage.complaints).toEqual([]);
});

const LOOKS = [
  { scheme: 'light', width: 1440 },
  { scheme: 'light', width: 390 },
  { scheme: 'dark', width: 1440 },
  { scheme: 'dark', width: 390 },
] as const;

/** Runs `check` in every look. */
async function inEveryLook(page: Page, check: (look: string, width: number) => Promise<void>): Promise<void> {
  for (const { scheme, width } of LOOKS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await page.emulateMedia({ colorScheme: scheme });
    // Colours that are still fading would be judged half way.
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
    await check(`${width}-${scheme}`, width);
  }
}

async function judge(page: Page, name: string, within?: string): Promise<string[]> {
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  return (await violations(page, within)).map((violation) => `${name}: ${violation}`);
}

test('the widget: waiting, then talking to a person', async () => {
  const wrong: string[] = [];
  await inEveryLook(visitor.page, async (look) => void wrong.push(...(await judge(visitor.page, `widget-waiting-${look}`, 'helpdesk-widget'))));
  await owner.row(conversation).click();
  await owner.button('Take over').click();
  await owner.page.getByText('You are answering.').waitFor();
  await server.done('POST', `conversations/${conversation}/notes`, { text: 'Bought the lamp in May, still under warranty.' });
  await owner.field.fill('Hi Lena, this is a person. Is the lamp plugged into an ordinary socket?');
  await owner.field.press('Enter');
  await visitor.panel.getByText('Hi Lena').waitFor();
  await visitor.send('No, it shares a dimmer with the others!');
  await owner.log.getByText('it shares a dimmer').waitFor();
  await inEveryLook(visitor.page, async (look) => void wrong.push(...(await judge(visitor.page, `widget-talking-${look}`, 'helpdesk-widget'))));
  expect([...new Set(wrong)]).toEqual([]);
});

test('the inbox: a list, a conversation, its details, the settings', async () => {
  const wrong: string[] = [];
  const inbox = `${server.url}/helpdesk/inbox`;
  const shots: [name: string, path: string][] = [
    ['list', 'all'],
    ['conversation', `all/${conversation}`],
    ['settings', 'settings/general'],
    ['human-support', 'settings/human-support'],
    ['articles', 'settings/articles'],
  ];
  for (const [name, path] of shots) {
    await owner.page.goto(`${inbox}/${path}`);
    if (name === 'list') await owner.row(conversation).waitFor();
    else if (name === 'conversation') await owner.log.getByText('it shares a dimmer').waitFor();
    else await owner.page.locator('main h1, main h2').first().waitFor();
    await owner.page.waitForLoadState('networkidle');
    await inEveryLook(owner.page, async (look) => void wrong.push(...(await judge(owner.page, `inbox-${name}-${look}`))));
  }
  await owner.page.setViewportSize({ width: 390, height: 844 });
  await owner.page.goto(`${inbox}/all/${conversation}?panel=details`);
  await owner.page.getByText('lamps for long evenings').waitFor();
  wrong.push(...(await judge(owner.page, 'inbox-details-390-dark')));
  expect([...new Set(wrong)]).toEqual([]);
});
