/** With the helpdesk off, a whole chat with the assistant works and a reload keeps it; whoever starts this counts the rows. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { api } from '@helpdesk/e2e/server';
import { setStage, type Stage } from '@helpdesk/e2e/stage';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await stage?.end();
  expect(stage.complaints).toEqual([]);
});

test('a chat that is nowhere stored, and is still there after a reload', async () => {
  const url = process.env['HELPDESK_URL'];
  if (!url) throw new Error('HELPDESK_URL must name a running server whose helpdesk is off.');
  expect((await api(url).done('GET', 'settings')).helpdesk).toBe(false);
  const visitor = await stage.visitor(url);
  await visitor.open();
  await visitor.send('How long does shipping take?');
  await expect.poll(async () => (await visitor.texts()).at(-1)).toMatch(/two to three working days/);
  await visitor.send('Can I return a lamp?');
  await expect.poll(async () => (await visitor.texts()).at(-1)).toMatch(/30 days/);
  const before = await visitor.texts();
  await visitor.page.reload();
  if (!(await visitor.panel.isVisible())) await visitor.open();
  await expect.poll(visitor.texts).toEqual(before);
  await visitor.send('How long is the warranty?');
  await expect.poll(async () => (await visitor.texts()).at(-1)).toMatch(/five years/);
  expect(await visitor.texts()).toHaveLength(before.length + 2);
  // Nobody can be asked for: there is nowhere to come to.
  expect(await visitor.humanButton.count()).toBe(0);
});
