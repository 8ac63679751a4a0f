/** Pictures of the widget, for people to look at: `LOOK=folder npm run test:browser -- look`. */
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { setStage, type Stage, type Visit } from './stage';

const folder = process.env['LOOK'];

describe.skipIf(!folder)('pictures', () => {
  let stage: Stage;
  beforeAll(async () => {
    mkdirSync(folder!, { recursive: true });
    stage = await setStage();
  });
  afterAll(() => stage.end());

  const story = async ({ panel, page, open, send }: Visit, name: string): Promise<void> => {
    const { desk } = stage;
    const shoot = (what: string): Promise<Buffer> => page.screenshot({ path: `${folder}/${name}-${what}.png` });
    await shoot('0-closed');
    await open();
    await panel.locator('.bubble').first().waitFor();
    await page.waitForTimeout(400);
    await shoot('1-greeting');
    const before = desk.conversations.size;
    await send('Hello! Where is my order 10042?');
    while (desk.conversations.size === before) await page.waitForTimeout(20);
    const held = desk.last;
    await page.waitForTimeout(300);
    await shoot('2-typing');
    desk.delta(held, 'It left our warehouse **yesterday** and is with the carrier.\n\n1. Open the tracking ');
    await page.waitForTimeout(200);
    await shoot('3-streaming');
    desk.answer(held, 'It left our warehouse **yesterday** and is with the carrier.\n\n1. Open the tracking page at https://track.example/10042\n2. Enter `10042`\n3. Choose a time slot', [
      { title: 'Where is my parcel?', url: 'https://help.example/parcel' },
      { title: 'Shipping times' },
    ]);
    await send('And can I return it?');
    await page.waitForTimeout(200);
    desk.answer(held, 'Yes, within **30 days**:\n\n- unworn, with its tags\n- in any parcel\n\nThe label is in your account under *Orders*.');
    await send('I would rather talk to somebody.');
    await page.waitForTimeout(200);
    desk.answer(held, 'Of course. Use the button below and a colleague takes over.');
    await page.waitForTimeout(300);
    await shoot('4-button');
    await panel.locator('.human').click();
    await panel.locator('.divider').waitFor();
    await page.waitForTimeout(300);
    await shoot('5-waiting');
    desk.claim(held, 'Maya');
    desk.write(held, { type: 'operator', id: 'operator-1', name: 'Maya' }, 'Hi! I have your order in front of me. Shall I change the delivery day?');
    desk.broadcast(held, { type: 'typing', conversation: held.summary.id, author: { type: 'operator', name: 'Maya' }, note: false });
    await page.waitForTimeout(300);
    await shoot('6-connected');
    await panel.locator('.header .plain').first().click();
    await page.waitForTimeout(300);
    await shoot('7-history');
  };

  test('light', async () => story(await stage.visit('/'), 'light'));
  test('dark', async () => story(await stage.visit('/', { colorScheme: 'dark' }), 'dark'));
  test('phone', async () => story(await stage.visit('/', { viewport: { width: 390, height: 844 } }), 'phone'));
  test('right to left', async () => story(await stage.visit('/rtl', { locale: 'ar' }), 'rtl'));
  test('hostile', async () => story(await stage.visit('/reset'), 'reset'));
});
