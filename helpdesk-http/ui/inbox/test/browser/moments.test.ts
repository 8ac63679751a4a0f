import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { setStage, type Stage } from './browser';

/** Pictures of what only shows for a moment: menus, dialogues, toasts, drafts, a lost line. Taken like those of `look`. */
const folder = process.env['LOOK'];

describe.skipIf(!folder)('moments', () => {
  let stage: Stage;
  beforeAll(async () => {
    mkdirSync(folder!, { recursive: true });
    stage = await setStage();
  });
  afterAll(() => stage.end());

  for (const dark of [false, true]) {
    it(dark ? 'dark' : 'light', async () => {
      const scheme = dark ? 'dark' : 'light';
      const page = await stage.enter(`/all/${stage.chatting.row.id}`, { dark });
      const shot = (name: string) => page.screenshot({ path: `${folder}/moment-${name}-${scheme}.png` });
      await page.getByRole('log').getByText('which rope').waitFor();
      stage.desk.assistantWrites(stage.chatting.row.id, 'For a **nine metre** boat take:\n\n- 12 mm for the halyard\n- 10 mm for the sh');
      stage.desk.broadcast({ type: 'typing', conversation: stage.chatting.row.id, author: { type: 'operator', id: stage.colleague.id, name: stage.colleague.name }, note: true }, `conversation:${stage.chatting.row.id}`);
      stage.desk.broadcast({ type: 'notification', kind: 'takeover_requested', conversation: stage.waiting.row.id, at: stage.desk.time(), text: 'Then please get me a person.' });
      await page.keyboard.press('Alt+p');
      await page.keyboard.type('She bought 30 m of rope last spring.');
      await page.locator('[data-draft]').waitFor();
      await shot('draft');
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.getByRole('menuitem', { name: 'Operator Three' }).waitFor();
      await shot('assign');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /Your menu/ }).click();
      await page.getByRole('menuitem', { name: 'Away' }).waitFor();
      await shot('user');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.getByRole('textbox', { name: /Find a conversation/ }).fill('vi');
      await shot('palette');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await shot('shortcuts');
      await page.keyboard.press('Escape');
      stage.server.cut('everything');
      await page.getByText('Connection lost.').waitFor();
      await shot('line');
      stage.server.allow();
      await page.context().close();

      const phone = await stage.enter('/all', { dark, width: 390, height: 844 });
      await phone.getByRole('button', { name: 'Open menu' }).click();
      await phone.getByRole('dialog').getByRole('link', { name: /Waiting/ }).waitFor();
      await phone.screenshot({ path: `${folder}/moment-drawer-${scheme}.png` });
      await phone.context().close();
      stage.desk.withdrawDraft(stage.chatting.row.id);
    });
  }
});
