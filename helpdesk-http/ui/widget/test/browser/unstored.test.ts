/** The desk is switched off: the assistant still chats, and nobody keeps anything. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, setStage, type Stage } from './stage';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
  stage.desk.settings.helpdesk = false;
});
afterEach(async () => {
  const { complaints } = stage;
  await stage.end();
  expect(complaints).toEqual([]);
});

test('a whole chat, streamed, over a reload, and no socket', async () => {
  stage.desk.answers = [['Good ', 'day 👋'], ['Of ', 'course.']];
  const { open, send, texts, page, panel } = await stage.visit();
  await open();
  await send('Hello');
  const first = [stage.desk.settings.greeting, 'Hello', 'Good day 👋'];
  await eventually(async () => expect(await texts()).toEqual(first));
  await eventually(async () => expect(await panel.locator('.growing').count()).toBe(0));
  await page.reload();
  await panel.waitFor();
  expect(await texts()).toEqual(first);
  await send('Can you help?');
  await eventually(async () => expect(await texts()).toEqual([...first, 'Can you help?', 'Of course.']));
  expect(stage.server.upgrades).toBe(0);
  expect(stage.desk.conversations.size).toBe(0);
  expect(await panel.getByRole('button', { name: /Human|Earlier/ }).count()).toBe(0);
});

test('an answer that breaks off can be asked for again, also after a reload', async () => {
  let breaks = true;
  stage.server.step = () => (breaks ? new Promise(() => {}) : Promise.resolve());
  const { open, send, texts, page, panel } = await stage.visit();
  await open();
  await send('Hello');
  await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello']));
  await panel.locator('.dots').waitFor();
  await page.reload();
  await panel.getByText('The answer was interrupted.').waitFor();
  breaks = false;
  await panel.getByRole('button', { name: 'Try again' }).click();
  await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello', 'I am here.']));
  expect(await panel.getByText('The answer was interrupted.').count()).toBe(0);
});

test('a transcript that is no longer accepted is begun anew', async () => {
  const { open, send, texts, page, panel } = await stage.visit();
  await open();
  await send('Hello');
  await eventually(async () => expect((await texts()).at(-1)).toBe('I am here.'));
  await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.endsWith('transcript'))!;
    const transcript = JSON.parse(sessionStorage.getItem(key)!) as { text: string }[];
    transcript[0]!.text = 'Forged';
    sessionStorage.setItem(key, JSON.stringify(transcript));
  });
  await page.reload();
  await panel.waitFor();
  await send('Again');
  await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Again', 'I am here.']));
});

test('switched off while messages wait, switched on while a page is open: the words go where they can', async () => {
  stage.desk.settings.helpdesk = true;
  const { open, send, texts } = await stage.visit();
  await open();
  await eventually(() => expect(stage.server.sockets).toBe(1));
  stage.desk.settings = { ...stage.desk.settings, helpdesk: false };
  await send('Hello');
  await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello', 'I am here.']), 15_000);
  expect(stage.desk.conversations.size).toBe(0);
});
