/** The main story in a real browser on the real server: a visitor chats, the assistant answers, a human takes over. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startServer, type Server } from '@helpdesk/e2e/server';
import { setStage, type Stage } from '@helpdesk/e2e/stage';

let server: Server;
let stage: Stage;
beforeEach(async () => {
  server = await startServer();
  stage = await setStage();
});
afterEach(async () => {
  await stage?.end('story');
  await server?.end();
  expect(stage.complaints).toEqual([]);
});

/** The ids of the conversations, newest first. */
const conversations = async (): Promise<string[]> => (await server.done('GET', 'conversations')).items.map(({ id }: { id: string }) => id);

test('chat, citation, a human, takeover, reload, kill, hand-back', async () => {
  // A visitor asks, and the answer streams in, with where it comes from.
  const visitor = await stage.visitor(server.url);
  await visitor.open();
  await visitor.send('How long does shipping take?');
  await visitor.panel.getByText(/two to three working days/).last().waitFor();
  await visitor.panel.locator('.sources', { hasText: 'Shipping times and costs' }).waitFor();

  // The owner is in the inbox before anybody asks for a human.
  const owner = await stage.operator(server.login);
  const [conversation] = await conversations();
  await owner.row(conversation!).waitFor();
  expect(await owner.row(conversation!).getAttribute('data-takeover')).toBeNull();

  // More questions, until the server offers a human; each is answered before the next.
  const questions = ['Can I return a lamp?', 'What does the warranty cover?', 'How can I pay?', 'Can I cancel an order?'];
  expect(await visitor.humanButton.count()).toBe(0);
  for (const question of questions) {
    const sources = await visitor.panel.locator('.sources').count();
    await visitor.send(question);
    await expect.poll(() => visitor.panel.locator('.sources').count()).toBe(sources + 1);
    const { items } = await server.done('GET', 'widget/conversations', undefined, visitor.session().token);
    if (items[0].human_button) break;
  }
  // The first answer may be there before the line is; the later ones came word by word.
  expect(visitor.frames).toContain('assistant_delta');
  await visitor.humanButton.click();
  await visitor.divider.waitFor();
  // Below the divider the assistant confirms that a person will come.
  const confirmation = visitor.panel.locator('.row:has(.divider) ~ .row .bubble:not(.dots)');
  await confirmation.waitFor();
  await visitor.panel.locator('.header .waiting').waitFor();

  // It lights up in the inbox.
  await expect.poll(() => owner.view('waiting').first().innerText()).toMatch(/1/);
  await owner.view('waiting').first().click();
  await owner.page.locator(`[data-conversation="${conversation}"][data-takeover]`).click();
  await owner.log.locator('[data-activity="takeover_requested"]').waitFor();
  await owner.log.getByText('How long does shipping take?').waitFor();

  // One order for everybody: the one of the sequence numbers, from the first to the last.
  const { entries } = await server.done('GET', `conversations/${conversation}/timeline?limit=200`);
  const order = entries.map(({ seq }: { seq: number }) => seq);
  await expect.poll(() => owner.log.locator('[data-seq]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))))).toEqual(order);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  const theirs = entries.filter(({ body }: { body: { type: string } }) => body.type === 'message').map(({ body }: { body: { text: string } }) => body.text);
  const questionsSeen = (await visitor.panel.locator('.mine .bubble').allInnerTexts()).map((text) => text.trim());
  expect(questionsSeen).toEqual(theirs.filter((text: string) => questionsSeen.includes(text)));
  expect(await visitor.texts()).toHaveLength(theirs.length + 1);

  // The owner takes over.
  await owner.button('Take over').click();
  await owner.page.getByText('You are answering.').waitFor();
  await visitor.panel.locator('.day', { hasText: 'You are talking to Owner' }).waitFor();
  await visitor.panel.locator('.header', { hasText: 'You are talking to Owner' }).waitFor();

  // They talk, and each sees the other writing.
  await owner.field.pressSequentially('Hello, this');
  await visitor.panel.locator('.dots', { hasText: 'Owner is typing' }).waitFor();
  await owner.field.fill('Hello, this is a person.');
  await owner.field.press('Enter');
  await visitor.panel.getByText('Hello, this is a person.').waitFor();
  await visitor.field.pressSequentially('Good, where is');
  await owner.page.locator('[class*="typing"][data-author="contact"]').waitFor();
  await visitor.send('Good, where is my parcel?');
  await owner.log.getByText('Good, where is my parcel?').waitFor();

  // Both pages are reloaded in the middle: everything is there, and live.
  const before = await visitor.texts();
  await Promise.all([visitor.page.reload(), owner.page.reload()]);
  if (!(await visitor.panel.isVisible())) await visitor.open();
  await expect.poll(visitor.texts).toEqual(before);
  await owner.log.getByText('Good, where is my parcel?').waitFor();
  await owner.page.getByText('You are answering.').waitFor();
  await owner.field.fill('It is on its way.');
  await owner.field.press('Enter');
  await visitor.panel.getByText('It is on its way.').waitFor();

  // The power goes; what the visitor writes meanwhile waits, and arrives once.
  await server.kill();
  await visitor.send('Are you still there?');
  await visitor.panel.locator('.bubble', { hasText: 'Are you still there?' }).waitFor();
  await server.start();
  await owner.log.getByText('Are you still there?').waitFor();
  await owner.field.fill('Back again.');
  await owner.field.press('Enter');
  await visitor.panel.getByText('Back again.').waitFor();
  const after = await visitor.texts();
  expect(after).toEqual([...before, 'It is on its way.', 'Are you still there?', 'Back again.']);
  expect(await owner.log.getByText('Are you still there?').count()).toBe(1);

  // The owner hands back, and the assistant answers again.
  await owner.button('Hand to AI').click();
  await visitor.panel.getByText(/is answering again/).waitFor();
  await visitor.send('Can I return a lamp after all?');
  await expect.poll(async () => (await visitor.texts()).at(-1)).toMatch(/30 days/);
  await owner.log.getByText('Can I return a lamp after all?').waitFor();
  await expect.poll(() => owner.log.locator('[data-seq]').last().innerText()).toMatch(/30 days/);
});

test('two operators race for the claim: one wins, the other is told who', async () => {
  await server.done('POST', '/users', { name: 'Mira', email: 'mira@example.com', password: 'a long password', role: 'operator' });
  const visitor = await stage.visitor(server.url);
  await visitor.open();
  await visitor.send('How long does shipping take?');
  await visitor.panel.locator('.sources').waitFor();
  const [conversation] = await conversations();
  await server.done('POST', `widget/conversations/${conversation}/human`, {}, visitor.session().token);

  const owner = await stage.operator(server.login);
  const mira = await stage.operator(`${server.url}/login`, { email: 'mira@example.com', password: 'a long password' });
  const racers = [owner, mira];
  for (const racer of racers) {
    await racer.row(conversation!).click();
    await racer.button('Take over').waitFor();
  }
  // Neither claim leaves before both have clicked: otherwise the second would see the first's, and no longer offer it.
  let arrived = 0;
  let go = (): void => undefined;
  const both = new Promise<void>((resolve) => (go = resolve));
  const answers: Promise<number>[] = [];
  for (const { page } of racers) {
    await page.route('**/claim', async (route) => {
      arrived += 1;
      if (arrived === racers.length) go();
      await both;
      await route.continue();
    });
    answers.push(page.waitForResponse('**/claim').then((answer) => answer.status()));
  }
  await Promise.all(racers.map((racer) => racer.button('Take over').click()));
  const statuses = await Promise.all(answers);
  expect([...statuses].sort()).toEqual([200, 409]);
  const won = statuses.indexOf(200);
  const [winner, loser, name] = won === 0 ? [owner, mira, 'Owner'] : [mira, owner, 'Mira'];
  await loser.page.getByText(`${name} was faster and has taken this conversation over.`).waitFor();
  await winner.page.getByText('You are answering.').waitFor();
  await loser.page.getByText(`${name} is answering.`).waitFor();
  await visitor.panel.locator('.header', { hasText: `You are talking to ${name}` }).waitFor();
  const { entries } = await server.done('GET', `conversations/${conversation}/timeline?limit=200`);
  expect(entries.filter(({ body }: { body: { kind?: string } }) => body.kind === 'claimed')).toHaveLength(1);
});
