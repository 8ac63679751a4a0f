/** What a visitor sees and does, on the built script in a real browser. */
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

/** A visitor who has said something. */
const talking = async (text = 'Hello'): Promise<Visit> => {
  const visit = await stage.visit();
  await visit.open();
  await visit.send(text);
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  return visit;
};

describe('a conversation', () => {
  test('asks for the session once, holds no socket before the panel opens, and greets', async () => {
    const { open, texts, launcher, page } = await stage.visit();
    await eventually(() => expect(stage.server.requests).toEqual(['POST widget/session']));
    await page.waitForTimeout(200);
    expect(stage.server.upgrades).toBe(0);
    expect(await launcher.evaluate((button) => getComputedStyle(button).backgroundColor)).toBe('rgb(15, 118, 110)');
    await open();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting]));
    await eventually(() => expect(stage.server.sockets).toBe(1));
    expect(stage.server.requests).toEqual(['POST widget/session']);
    expect(stage.desk.sessions[0]).toMatchObject({ key: 'demo', page: { title: 'Northwind' }, time_zone: 'Europe/Berlin' });
    await page.reload();
    await page.waitForTimeout(200);
    expect(stage.desk.conversations.size).toBe(0);
  });

  test('ends when the visitor says so twice, and the next message begins another', async () => {
    const { panel, send, heard } = await talking();
    const first = stage.desk.last;
    stage.desk.answer(first);
    const end = panel.getByRole('button', { name: /^End chat/ });
    await end.click();
    expect(await end.innerText()).toBe('End chat?');
    // Whoever writes on does not want to end it.
    await send('One thing more');
    await panel.getByText('One thing more').waitFor();
    expect(await end.innerText()).toBe('End chat');
    expect(first.summary.status).toBe('open');
    await end.click();
    await end.click();
    await panel.getByText('This conversation has ended.').waitFor();
    expect(first.summary.status).toBe('resolved');
    expect(await end.count()).toBe(0);
    expect(await heard()).toContain(`end {"conversation":"${first.summary.id}"}`);
    await send('Hello again');
    await eventually(() => expect(stage.desk.conversations.size).toBe(2));
    await end.waitFor();
  });

  test('streams the answer where its entry will stand, with the words of the wire counted as characters', async () => {
    const { texts, panel } = await talking();
    const held = stage.desk.last;
    await panel.locator('.dots').waitFor();
    stage.desk.delta(held, '👋 Good ');
    stage.desk.delta(held, '**morning**');
    await eventually(async () => expect((await texts()).at(-1)).toBe('👋 Good morning'));
    const draft = await panel.locator('.bubble').last().elementHandle();
    stage.desk.answer(held);
    await eventually(async () => expect(await panel.locator('.growing').count()).toBe(0));
    expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello', '👋 Good morning']);
    expect(await draft!.evaluate((node) => node.isConnected)).toBe(true);
    expect(await panel.locator('strong').innerText()).toBe('morning');
  });

  test('a discarded answer goes away', async () => {
    const { texts, panel } = await talking();
    const held = stage.desk.last;
    stage.desk.delta(held, 'I will');
    await eventually(async () => expect((await texts()).at(-1)).toBe('I will'));
    stage.desk.claim(held, 'Maya');
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello']));
    await panel.locator('.thread', { hasText: 'Connected with Maya' }).waitFor();
  });

  test('offers a person when the server says so; the press is a divider, then a name', async () => {
    const { panel, send } = await talking();
    const held = stage.desk.last;
    const button = panel.getByRole('button', { name: 'Connect to Human Support' });
    for (let reply = 1; reply <= 3; reply += 1) {
      expect(await button.count()).toBe(0);
      stage.desk.answer(held, `Answer ${reply}`);
      await panel.getByText(`Answer ${reply}`).waitFor();
      if (reply < 3) await send(`Question ${reply}`);
    }
    await button.click();
    await panel.locator('.divider', { hasText: stage.desk.transition }).waitFor();
    await panel.locator('.header', { hasText: 'Waiting for a team member' }).waitFor();
    expect(await button.count()).toBe(0);
    stage.desk.claim(held, 'Maya');
    await panel.locator('.header', { hasText: 'Connected with Maya' }).waitFor();
    stage.desk.write(held, { type: 'operator', id: 'operator-1', name: 'Maya' }, 'Hello from Maya');
    await panel.getByText('Hello from Maya').waitFor();
    stage.desk.handBack(held);
    await panel.getByText('Nimbus is answering again').waitFor();
    await panel.locator('.header', { hasText: 'Nimbus' }).waitFor();
  });

  test('both sides see that the other is writing', async () => {
    const { panel, field, page } = await talking();
    const held = stage.desk.last;
    await eventually(() => expect(stage.server.sockets).toBe(1));
    await field.pressSequentially('I am');
    await eventually(() => expect(stage.desk.typings).toEqual([held.summary.id]));
    stage.desk.claim(held, 'Maya');
    stage.desk.broadcast(held, { type: 'typing', conversation: held.summary.id, author: { type: 'operator', name: 'Maya' }, note: false });
    await panel.getByText('Maya is typing').waitFor({ state: 'attached' });
    stage.desk.write(held, { type: 'operator', name: 'Maya' }, 'There you are');
    await panel.getByText('There you are').waitFor();
    expect(await panel.locator('.dots').count()).toBe(0);
    await page.waitForTimeout(100);
  });

  test('what comes while the panel is closed is counted and read out; opening it reads it', async () => {
    const { launcher, page, heard, open } = await talking();
    const held = stage.desk.last;
    await page.keyboard.press('Escape');
    stage.desk.answer(held, 'Your parcel is here.');
    await page.locator('helpdesk-widget .badge', { hasText: '1' }).waitFor();
    expect(await launcher.getAttribute('aria-label')).toBe('Open chat, 1 unread message');
    expect(await page.locator('helpdesk-widget [role=status]').innerText()).toBe('Nimbus: Your parcel is here.');
    await open();
    await eventually(() => expect(stage.desk.reads.at(-1)).toEqual([held.summary.id, 2]));
    await eventually(() => expect(held.summary.unread).toBe(0));
    expect((await heard()).filter((event) => event.startsWith('unread'))).toEqual(['unread {"count":1}', 'unread {"count":0}']);
    expect((await heard()).some((event) => event.startsWith('message'))).toBe(true);
  });

  test('a streamed answer is not read out word by word', async () => {
    const { page, panel } = await talking();
    const held = stage.desk.last;
    const status = page.locator('helpdesk-widget [role=status]');
    for (const word of ['One ', 'two ', 'three']) stage.desk.delta(held, word);
    await panel.getByText('One two three').waitFor();
    expect(await status.innerText()).toBe('');
    expect(await panel.getByRole('log').getAttribute('aria-live')).toBe('off');
    stage.desk.answer(held);
    await eventually(async () => expect(await status.innerText()).toBe('Nimbus: One two three'));
  });

  test('whoever scrolled up stays there and is told of news', async () => {
    const { panel, page } = await talking();
    const held = stage.desk.last;
    stage.desk.answer(held, Array.from({ length: 60 }, (_, line) => `Line ${line}`).join('\n\n'));
    await panel.getByText('Line 59').waitFor();
    const thread = panel.getByRole('log');
    const bottom = (): Promise<number> => thread.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
    await eventually(async () => expect(await bottom()).toBeLessThan(2));
    await thread.evaluate((box) => box.scrollTo(0, 200));
    await page.waitForTimeout(100);
    stage.desk.write(held, { type: 'assistant', id: 'a', name: 'Nimbus' }, 'And one more thing');
    const chip = panel.getByRole('button', { name: 'New messages' });
    await chip.waitFor();
    expect(await thread.evaluate((box) => box.scrollTop)).toBe(200);
    await chip.click();
    await eventually(async () => expect(await bottom()).toBeLessThan(2));
    expect(await chip.count()).toBe(0);
  });

  test('one that has ended goes on as a new one, with the same words', async () => {
    const { panel, send, texts } = await talking();
    const held = stage.desk.last;
    stage.desk.answer(held, 'Bye');
    stage.desk.resolve(held);
    await panel.getByText('This conversation has ended').waitFor();
    await send('One more question');
    await eventually(() => expect(stage.desk.conversations.size).toBe(2));
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'One more question']));
    expect(stage.desk.last.entries.length).toBe(1);
    expect(await panel.getByText('This conversation has ended').count()).toBe(0);
  });

  test('cites what it knows from, and links only to the web', async () => {
    const { panel } = await talking();
    stage.desk.answer(stage.desk.last, 'See below, or [this](javascript:alert(1)).', [{ title: 'Returns', url: 'https://help.example/returns' }, { title: 'Trick', url: 'javascript:alert(1)' }]);
    const link = panel.getByRole('link', { name: 'Returns' });
    expect(await link.getAttribute('href')).toBe('https://help.example/returns');
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(await panel.getByRole('link').count()).toBe(1);
  });
});

describe('coming back', () => {
  test('a reload in the middle of an answer finds everything again and goes on', async () => {
    const { page, texts, panel } = await talking();
    const held = stage.desk.last;
    stage.desk.delta(held, 'It is ');
    await panel.getByText('It is').waitFor();
    await page.reload();
    await panel.waitFor();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello', 'It is']));
    stage.desk.delta(held, 'here.');
    await eventually(async () => expect((await texts()).at(-1)).toBe('It is here.'));
    stage.desk.answer(held);
    await eventually(async () => expect(await panel.locator('.growing').count()).toBe(0));
    expect(await texts()).toEqual([stage.desk.settings.greeting, 'Hello', 'It is here.']);
    expect(stage.desk.conversations.size).toBe(1);
  });

  test('earlier conversations are listed, can be read again, and a new one can be begun beside an open one', async () => {
    const first = await talking('First');
    const { context } = first;
    stage.desk.answer(stage.desk.last, 'Answer to the first');
    await first.panel.getByText('Answer to the first').waitFor();
    stage.desk.resolve(stage.desk.last);
    await first.page.close();
    const { open, panel, send, texts } = await stage.visit('/', {}, context);
    await open();
    await send('Second');
    await eventually(() => expect(stage.desk.conversations.size).toBe(2));
    await panel.getByRole('button', { name: 'Earlier conversations' }).click();
    await eventually(async () => expect(await panel.locator('.list li').count()).toBe(2));
    await panel.locator('.list button', { hasText: 'Answer to the first' }).click();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'First', 'Answer to the first']));
    await panel.getByRole('button', { name: 'Earlier conversations' }).click();
    await panel.getByRole('button', { name: 'New conversation' }).click();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting]));
    await send('Third');
    await eventually(() => expect(stage.desk.conversations.size).toBe(3));
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Third']));
  });

  test('an answer that came while away is on the button, and in view when it opens', async () => {
    const { page, context } = await talking('Anybody?');
    const held = stage.desk.last;
    await page.close();
    stage.desk.answer(held, 'Yes!');
    const { launcher, open, texts } = await stage.visit('/', {}, context);
    await eventually(async () => expect(await launcher.innerText()).toBe('1'));
    await open();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Anybody?', 'Yes!']));
    await eventually(() => expect(held.summary.unread).toBe(0));
  });

  test('two tabs show the same', async () => {
    const first = await talking();
    const second = await stage.visit('/', {}, first.context);
    await second.open();
    await second.send('From the second tab');
    const all = [stage.desk.settings.greeting, 'Hello', 'From the second tab'];
    await eventually(async () => expect(await first.texts()).toEqual(all));
    await eventually(async () => expect(await second.texts()).toEqual(all));
    expect(stage.desk.conversations.size).toBe(1);
  });
});
