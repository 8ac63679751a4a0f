/** A line that breaks: nothing is lost, nothing stands there twice, whatever happens to it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

/** The page learns that its network is back: it does not wait for the end of its pause. */
const kick = ({ page }: Visit): Promise<unknown> => page.evaluate(() => dispatchEvent(new Event('online')));

test('twenty cuts in the middle of answers, with the visitor writing on: the same on both sides', async () => {
  const visit = await stage.visit();
  await visit.open();
  await visit.send('message 0');
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  const held = stage.desk.last;
  const seen = new Set<string>();
  for (let round = 1; round <= 20; round += 1) {
    await eventually(() => expect(stage.server.sockets).toBe(1));
    for (const word of ['The ', 'answer ', `number ${round} `]) stage.desk.delta(held, word);
    stage.server.cut(round % 3 ? 1006 : 1012);
    // Half of them go on while nobody listens.
    if (round % 2) stage.desk.delta(held, 'ends.');
    await visit.send(`message ${round}`);
    if (round % 4 === 0) stage.desk.answer(held, `Answer ${round}, complete.`);
    await kick(visit);
    await eventually(() => expect(stage.server.sockets).toBe(1));
    if (round % 2 === 0) stage.desk.delta(held, 'ends.');
    if (round % 4) stage.desk.answer(held, `Answer ${round}, complete.`);
    const texts = await visit.texts();
    const mine = texts.filter((text) => text.startsWith('message'));
    expect(new Set(mine).size, texts.join('\n')).toBe(mine.length);
    mine.forEach((text) => seen.add(text));
  }
  await eventually(async () => {
    const there = held.entries.map(({ body }) => (body.type === 'message' ? body.text : ''));
    expect(await visit.texts()).toEqual([stage.desk.settings.greeting, ...there]);
    expect(there.filter((text) => text.startsWith('message'))).toEqual(Array.from({ length: 21 }, (_, count) => `message ${count}`));
  });
});

test('of many tabs that nobody sees one keeps its socket, and another takes over when that one is closed', async () => {
  /** What the browser says of a tab when another covers it. */
  const cover = ({ page }: Visit, hidden: boolean): Promise<void> =>
    page.evaluate((hidden) => {
      Object.defineProperties(document, { hidden: { value: hidden, configurable: true }, visibilityState: { value: hidden ? 'hidden' : 'visible', configurable: true } });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, hidden);
  const first = await stage.visit();
  await first.open();
  await first.send('Hello');
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  const others: Visit[] = [];
  for (let tab = 0; tab < 3; tab += 1) others.push(await stage.visit('/', {}, first.context));
  await eventually(() => expect(stage.server.sockets).toBe(4));
  for (const visit of [first, ...others]) {
    await visit.page.clock.install();
    await cover(visit, true);
    await visit.page.clock.fastForward(61_000);
  }
  await eventually(() => expect(stage.server.sockets).toBe(1));
  // Covered, it still hears.
  stage.desk.answer(stage.desk.last, 'I am here');
  await eventually(async () => expect((await first.heard()).filter((event) => event.startsWith('message')).length).toBe(1));
  await first.page.close();
  await eventually(() => expect(stage.server.sockets).toBe(1));
  await cover(others[2]!, false);
  await others[2]!.open();
  await others[2]!.panel.getByText('I am here').waitFor();
});

test('written without a line, reloaded, back again: delivered once and in order', async () => {
  const visit = await stage.visit();
  await visit.open();
  await visit.send('Before');
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  stage.server.down = true;
  stage.server.cut();
  await visit.send('First without a line');
  await visit.send('Second without a line');
  await visit.panel.getByText('Will be sent when you are back online').first().waitFor();
  await visit.panel.getByText('Connecting…').waitFor();
  const all = [stage.desk.settings.greeting, 'Before', 'First without a line', 'Second without a line'];
  expect(await visit.texts()).toEqual(all);
  // The page itself comes from its own server, which is there; only the desk is not.
  await visit.page.route(`${stage.server.origin}/desk/api/**`, (route) => route.abort());
  await visit.page.route('**/*.js', (route) => route.continue());
  stage.server.down = false;
  stage.server.socketsBlocked = true;
  await visit.page.reload();
  await eventually(async () => expect(await visit.texts()).toEqual(all));
  await visit.page.unroute(`${stage.server.origin}/desk/api/**`);
  stage.server.socketsBlocked = false;
  await kick(visit);
  await eventually(() => expect(stage.desk.last.entries.map(({ body }) => (body.type === 'message' ? body.text : ''))).toEqual(all.slice(1)), 40_000);
  await eventually(async () => expect(await visit.texts()).toEqual(all));
  expect(await visit.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('out.')))).toEqual([]);
});

test('the very first message, written without a line, begins the conversation when there is one', async () => {
  stage.desk.settings.greeting = '';
  const visit = await stage.visit();
  await eventually(() => expect(stage.server.requests.length).toBe(1));
  stage.server.down = true;
  await visit.open();
  await visit.send('Is anybody there?');
  await visit.send('Hello?');
  await eventually(async () => expect(await visit.texts()).toEqual(['Is anybody there?', 'Hello?']));
  stage.server.down = false;
  await kick(visit);
  await eventually(() => expect(stage.desk.conversations.size).toBe(1), 40_000);
  await eventually(() => expect(stage.desk.last.entries.length).toBe(2), 40_000);
  await eventually(async () => expect(await visit.texts()).toEqual(['Is anybody there?', 'Hello?']));
});

test('an answer that is lost on the way does not make a second message', async () => {
  const visit = await stage.visit();
  await visit.open();
  let lost = 0;
  await visit.page.route('**/api/v1/widget/conversations', async (route) => {
    if (route.request().method() !== 'POST' || lost >= 2) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await visit.send('Once, please');
  await eventually(() => expect(lost).toBe(2));
  await eventually(async () => {
    expect(await visit.texts()).toEqual([stage.desk.settings.greeting, 'Once, please']);
    expect(await visit.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('out.')))).toEqual([]);
  }, 20_000);
  expect(stage.desk.last.entries.length).toBe(1);
});

test('a message that is refused says so, and can be tried again or removed', async () => {
  const visit = await stage.visit();
  await visit.open();
  let refuse = true;
  await visit.page.route('**/api/v1/widget/conversations', (route) =>
    refuse && route.request().method() === 'POST' ? route.fulfill({ status: 422, json: { status: 422, code: 'invalid', detail: '' } }) : route.continue(),
  );
  await visit.send('No');
  await visit.panel.getByText('Not sent').waitFor();
  await visit.panel.getByRole('button', { name: 'Remove' }).click();
  await eventually(async () => expect(await visit.texts()).toEqual([stage.desk.settings.greeting]));
  await visit.send('Yes');
  await visit.panel.getByText('Not sent').waitFor();
  refuse = false;
  await visit.panel.getByRole('button', { name: 'Try again' }).click();
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  await eventually(async () => expect(await visit.panel.getByText('Not sent').count()).toBe(0));
});

describe('where sockets are blocked', () => {
  test('the same comes over streams', async () => {
    stage.server.socketsBlocked = true;
    const visit = await stage.visit();
    await visit.open();
    await eventually(() => expect(stage.server.upgrades).toBeGreaterThanOrEqual(3), 20_000);
    await visit.send('Hello');
    await eventually(() => expect(stage.desk.conversations.size).toBe(1));
    const held = stage.desk.last;
    await eventually(() => expect(stage.desk.followers.size).toBe(1), 20_000);
    stage.desk.delta(held, 'Over a ');
    stage.desk.delta(held, 'stream');
    await visit.panel.getByText('Over a stream').waitFor();
    stage.desk.answer(held);
    await visit.send('Good');
    await eventually(() => expect(held.entries.length).toBe(3));
    await eventually(() => expect(held.summary.unread).toBe(0));
    stage.server.cut();
    stage.desk.write(held, { type: 'assistant', name: 'Nimbus' }, 'While you were away');
    await eventually(async () => expect((await visit.texts()).at(-1)).toBe('While you were away'), 20_000);
    expect(await visit.texts()).toEqual([stage.desk.settings.greeting, 'Hello', 'Over a stream', 'Good', 'While you were away']);
  });
});

describe('tokens', () => {
  test('one that ran out is renewed without a word', async () => {
    const visit = await stage.visit();
    await visit.open();
    await visit.send('Hello');
    await eventually(() => expect(stage.desk.conversations.size).toBe(1));
    const held = stage.desk.last;
    const [[token]] = [...stage.desk.tokens] as [[string, string]];
    // Good for a new session, no longer for anything else.
    const contactOf = stage.desk.contactOf.bind(stage.desk);
    stage.desk.contactOf = (given) => (given === token ? contactOf(undefined) : contactOf(given));
    stage.server.cut(4401);
    await eventually(() => expect(stage.desk.sessions.length).toBe(2));
    await eventually(() => expect(stage.server.sockets).toBe(1));
    stage.desk.answer(held, 'Still here');
    await visit.panel.getByText('Still here').waitFor();
  });

  test('4403 stops and says so', async () => {
    const visit = await stage.visit();
    await visit.open();
    await eventually(() => expect(stage.server.sockets).toBe(1));
    stage.server.cut(4403);
    await visit.panel.getByText('The chat is unavailable').waitFor();
    await kick(visit);
    await visit.page.waitForTimeout(300);
    expect(stage.server.sockets).toBe(0);
  });
});
