import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { crowd } from '../fake/seed';
import { setStage, type Stage } from './browser';

let stage: Stage;
const pages: Page[] = [];
const enter = async (...options: Parameters<Stage['enter']>) => {
  const page = await stage.enter(...options);
  pages.push(page);
  return page;
};
const row = (page: Page, id: string) => page.locator(`[data-conversation="${id}"]`);
const count = (page: Page, view: string) => page.locator(`[data-view="${view}"]`);

beforeAll(async () => {
  stage = await setStage();
});
beforeEach(async () => {
  // Each story has its own day.
  await stage.end();
  stage = await setStage();
});
afterEach(async () => {
  expect(stage.complaints).toEqual([]);
  for (const page of pages.splice(0)) await page.context().close();
});
afterAll(() => stage.end());

describe('the queue', () => {
  it('shows a new conversation, its unread count and the new counts without a reload', async () => {
    const page = await enter('/all');
    await row(page, stage.chatting.row.id).waitFor();
    const id = stage.mine.row.id;
    await stage.desk.contactSays(id, 'Are you still there?');
    await row(page, id).getByText('Are you still there?').waitFor();
    await row(page, id).locator('[aria-label="1 unread message"]').waitFor();
    expect(await page.locator('[data-conversation]').first().getAttribute('data-conversation')).toBe(id);
    stage.desk.asksForHuman(stage.chatting.row.id, 'Rope');
    await expect.poll(() => count(page, 'waiting').innerText()).toMatch(/3/);
    await page.locator(`[data-conversation="${stage.chatting.row.id}"][data-takeover]`).waitFor();
    await page.getByText('Eerie Lavender from NL asks for a human').waitFor();
  });

  it('does not move the row under the pointer, and says what waits', async () => {
    const page = await enter('/all');
    const first = page.locator('[data-conversation]').first();
    await first.hover();
    const under = await first.getAttribute('data-conversation');
    stage.desk.contactSays(stage.mine.row.id, 'Hello?');
    await row(page, stage.mine.row.id).getByText('Hello?').waitFor();
    await page.getByRole('button', { name: '1 update' }).waitFor();
    expect(await page.locator('[data-conversation]').first().getAttribute('data-conversation')).toBe(under);
    await page.mouse.move(1200, 400);
    await expect.poll(() => page.locator('[data-conversation]').first().getAttribute('data-conversation')).toBe(stage.mine.row.id);
  });

  it('keeps few rows in the page however long the list, and loads on while scrolling', async () => {
    crowd(stage.desk, 10_000);
    const page = await enter('/all');
    await page.locator('[data-conversation]').first().waitFor();
    const scroller = page.locator('[data-conversation]').first().locator('xpath=ancestor::div[1]');
    let rows = 0;
    for (let step = 0; step < 30; step += 1) {
      await scroller.evaluate((element) => element.scrollBy(0, 3000));
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      rows = Math.max(rows, await page.locator('[data-conversation]').count());
    }
    expect(rows).toBeLessThanOrEqual(60);
    await expect.poll(async () => stage.server.requests.filter((request) => request.path === 'conversations').length).toBeGreaterThan(5);
  });

  it('marks nothing unread in the chat that is in front', async () => {
    const page = await enter(`/all/${stage.mine.row.id}`);
    await page.getByText('Danke! Es fehlen die beiden Schäkel.').last().waitFor();
    await page.bringToFront();
    stage.desk.contactSays(stage.mine.row.id, 'Noch eine Frage');
    await page.getByRole('log').getByText('Noch eine Frage').waitFor();
    expect(await row(page, stage.mine.row.id).getAttribute('data-unread')).toBeNull();
    await expect.poll(() => stage.desk.get(stage.mine.row.id).row.unread).toBe(0);
  });

  it('has an address for every view, and the back button works', async () => {
    const page = await enter('/');
    await page.waitForURL(/\/all$/);
    await count(page, 'claimed').click();
    await page.waitForURL(/\/claimed$/);
    await page.locator('[data-conversation]').first().click();
    await page.waitForURL(/\/claimed\/[0-9a-f-]{36}$/);
    await page.goBack();
    await page.waitForURL(/\/claimed$/);
    await page.goBack();
    await page.waitForURL(/\/all$/);
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.getByRole('menuitem', { name: 'Oldest' }).click();
    await page.waitForURL(/sort=oldest/);
    await page.reload();
    await page.getByRole('button', { name: 'Oldest' }).waitFor();
  });
});

describe('filters', () => {
  it('add to one another, stand in the address, and go one by one', async () => {
    const page = await enter('/all');
    const shown = () => page.locator('[data-conversation]').count();
    await row(page, stage.chatting.row.id).waitFor();
    const all = await shown();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Unread' }).click();
    await page.waitForURL(/unread=true/);
    await page.getByRole('menuitem', { name: 'Flagged' }).click();
    await page.waitForURL(/flagged=true/);
    await expect.poll(shown).toBe(1);
    await page.keyboard.press('Escape');
    await page.reload();
    await expect.poll(shown).toBe(1);
    await page.getByRole('button', { name: 'Remove the filter Flagged' }).click();
    await page.waitForURL(/\/all\?unread=true$/);
    await expect.poll(shown).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Filter: 1 active' }).click();
    await page.getByRole('menuitem', { name: 'Answered by' }).hover();
    await page.getByRole('menuitem', { name: 'Operator Four' }).click();
    await page.getByText('Nothing here passes the filters.').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await expect.poll(shown).toBe(all);
    await page.waitForURL(/\/all$/);
  });

  it('keep the place in a list that shrinks while it is read', async () => {
    const page = await enter('/all?unread=true');
    await page.locator('[data-conversation]').nth(2).waitFor();
    const ids = await page.locator('[data-conversation]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-conversation')));
    await page.bringToFront();
    await page.keyboard.press('j');
    await expect.poll(() => row(page, ids[0]!).count()).toBe(0);
    await page.keyboard.press('Alt+j');
    await page.waitForURL(new RegExp(`${ids[1]}`));
  });
});

describe('a new name', () => {
  it('of a contact appears in row, header, thread and details, and in their other conversations', async () => {
    const { contact, id } = stage.waiting.row;
    const page = await enter(`/all/${id}`);
    await page.getByRole('log').getByText('Then please get me a person.').waitFor();
    stage.desk.rename(contact.id, 'Marina of Berth 12');
    await row(page, id).getByText('Marina of Berth 12').waitFor();
    await page.getByRole('complementary').getByText('Marina of Berth 12').first().waitFor();
    await page.locator('header').getByText('Marina of Berth 12').first().waitFor();
    await page.getByRole('log').getByText('Marina of Berth 12').first().waitFor();
    expect(await page.getByText(contact.name, { exact: true }).count()).toBe(0);
  });

  it('that was missed is there after the server has lost the place', async () => {
    const { contact, id } = stage.waiting.row;
    const page = await enter(`/all/${id}`);
    await page.getByRole('log').getByText('Then please get me a person.').waitFor();
    stage.desk.contacts.set(contact.id, { ...contact, name: 'Marina of Berth 12' });
    stage.desk.forgetCursors();
    await row(page, id).getByText('Marina of Berth 12').waitFor();
    await page.getByRole('complementary').getByText('Marina of Berth 12').first().waitFor();
  });

  it('of my own is saved, shown everywhere, and a refusal stands at the field', async () => {
    const page = await enter(`/all/${stage.mine.row.id}`);
    await page.getByRole('button', { name: /Your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Change display name' }).click();
    const field = page.getByRole('textbox', { name: 'Display name' });
    await field.fill('REFUSE');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Must be another one').waitFor();
    await field.fill('Captain One');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Captain One/ }).first().waitFor();
    expect(stage.desk.operator(stage.me.id).name).toBe('Captain One');
  });
});

describe('a conversation', () => {
  it('streams the answer of the assistant, and withdraws it at a takeover', async () => {
    const id = stage.chatting.row.id;
    const page = await enter(`/all/${id}`);
    await page.getByText('Beacon is typing').waitFor();
    stage.desk.assistantWrites(id, 'For nine metres ');
    stage.desk.assistantWrites(id, 'take 12 mm 🪢');
    await page.locator('[data-draft]').getByText('For nine metres take 12 mm 🪢').waitFor();
    stage.desk.assistantWrites(id, ' rope');
    await page.locator('[data-draft]').getByText('🪢 rope').waitFor();
    await page.getByRole('button', { name: 'Take over' }).first().click();
    await page.getByText('You are answering.').waitFor();
    expect(await page.locator('[data-draft]').count()).toBe(0);
    await page.getByText('You took over. The AI is idle.').waitFor();
    await page.getByRole('button', { name: 'Hand to AI' }).click();
    await page.getByText('Beacon (AI) is answering.').waitFor();
  });

  it('tells the loser of a claim who won', async () => {
    const id = stage.waiting.row.id;
    const page = await enter(`/waiting/${id}`);
    const other = await enter(`/waiting/${id}`, { operator: stage.colleague.id });
    await page.getByRole('button', { name: 'Take over' }).first().waitFor();
    await other.getByRole('button', { name: 'Take over' }).first().waitFor();
    // The line of the second is down, so its page still offers what is no longer to be had.
    stage.server.intercept = (_method, path) => (path.endsWith('/claim') ? { status: 409, body: { type: 'about:blank', status: 409, code: 'already_claimed', detail: 'Taken.', claimed_by: { id: stage.me.id, name: stage.me.name } } } : undefined);
    await other.getByRole('button', { name: 'Take over' }).first().click();
    await other.getByText('Operator One was faster and has taken this conversation over.').waitFor();
    stage.server.intercept = undefined;
    await page.getByRole('button', { name: 'Take over' }).first().click();
    await page.getByText('You are answering.').waitFor();
    await other.getByText('Operator One is answering.').waitFor();
  });

  it('shows a sent message at once, keeps it through a lost line, and delivers it once', async () => {
    const id = stage.mine.row.id;
    const page = await enter(`/all/${id}`);
    const input = page.getByRole('textbox', { name: /Reply to/ });
    stage.server.intercept = (_method, path) => (path.endsWith('/messages') ? 'hang' : undefined);
    await input.fill('First line');
    await input.press('Shift+Enter');
    await input.pressSequentially('second line');
    await input.press('Enter');
    await page.locator('[data-pending]').getByText('First line').waitFor();
    expect(await input.inputValue()).toBe('');
    stage.server.intercept = undefined;
    await page.reload();
    await page.getByRole('log').getByText('First line second line', { exact: false }).or(page.getByRole('log').getByText('First line')).first().waitFor();
    await expect.poll(() => page.locator('[data-pending]').count()).toBe(0);
    const texts = stage.desk.get(id).entries.filter((entry) => entry.body.type === 'message' && entry.body.text === 'First line\nsecond line');
    expect(texts).toHaveLength(1);
  });

  it('says why a message was refused, and lets it be retried or discarded', async () => {
    const page = await enter(`/all/${stage.mine.row.id}`);
    const input = page.getByRole('textbox', { name: /Reply to/ });
    await input.fill('REFUSE this');
    await input.press('Enter');
    await page.getByText('Not sent: the server refuses this text.').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Not sent: the server refuses this text.').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => page.locator('[data-pending]').count()).toBe(0);
  });

  it('keeps notes apart: own mode, own draft, and a question before a note is pasted into a reply', async () => {
    const id = stage.mine.row.id;
    const page = await enter(`/all/${id}`);
    await page.getByRole('textbox', { name: /Reply to/ }).fill('an unfinished reply');
    await page.keyboard.press('Alt+p');
    const note = page.getByRole('textbox', { name: /note for your team/ });
    await note.fill('The customer is a friend of the owner.');
    await note.press('Enter');
    await page.getByRole('log').getByText('Note by You').waitFor();
    expect(stage.desk.get(id).entries.at(-1)?.body.type).toBe('note');
    await page.keyboard.press('Alt+l');
    const reply = page.getByRole('textbox', { name: /Reply to/ });
    expect(await reply.inputValue()).toBe('an unfinished reply');
    await page.reload();
    await expect.poll(() => page.getByRole('textbox', { name: /Reply to/ }).inputValue()).toBe('an unfinished reply');
    await page.getByRole('log').getByText('The customer is a friend of the owner.').dblclick();
    await page.evaluate(() => {
      const text = 'The customer is a friend of the owner.';
      const paragraph = [...document.querySelectorAll('[role=log] span')].find((node) => node.textContent === text);
      paragraph?.dispatchEvent(new ClipboardEvent('copy', { bubbles: true }));
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.querySelector('textarea')?.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }));
    });
    await page.getByRole('dialog', { name: 'Paste from a note?' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByRole('textbox', { name: /Reply to/ }).inputValue()).toBe('an unfinished reply');
  });

  it('loads older entries above without moving what is read', async () => {
    const id = stage.mine.row.id;
    for (let index = 0; index < 150; index += 1) stage.desk.contactSays(id, `Line number ${index}`);
    const page = await enter(`/all/${id}`);
    await page.getByText('Line number 149', { exact: true }).last().waitFor();
    const region = page.getByRole('region', { name: 'Messages' });
    const oldest = () => page.locator('[data-seq]').first().getAttribute('data-seq').then(Number);
    const first = await oldest();
    const looked = await region.evaluate((element) => {
      element.scrollTo(0, 300);
      const top = element.getBoundingClientRect().top;
      const entry = [...element.querySelectorAll('[data-seq]')].find((node) => node.getBoundingClientRect().top > top);
      return { seq: entry?.getAttribute('data-seq'), y: entry?.getBoundingClientRect().top };
    });
    await expect.poll(oldest).toBeLessThan(first);
    // Scroll positions are whole pixels of the screen.
    expect(Math.abs(((await page.locator(`[data-seq="${looked.seq}"]`).boundingBox())?.y ?? 0) - (looked.y ?? 0))).toBeLessThanOrEqual(1);
    stage.desk.contactSays(id, 'Something new at the end');
    await page.getByRole('button', { name: '1 new message' }).click();
    await page.getByRole('log').getByText('Something new at the end').waitFor();
  });

  it('goes on after the line was cut, with everything that was missed', async () => {
    const id = stage.mine.row.id;
    const page = await enter(`/all/${id}`);
    await page.getByText('Danke! Es fehlen die beiden Schäkel.').last().waitFor();
    stage.server.cut('everything');
    await page.getByText('Connection lost.').waitFor();
    stage.desk.contactSays(id, 'Said while the line was down');
    stage.server.allow();
    await page.getByRole('log').getByText('Said while the line was down').waitFor();
    await expect.poll(() => page.getByText('Connection lost.').count()).toBe(0);
    await row(page, id).getByText('Said while the line was down').waitFor();
  });

  it('goes on over event streams where sockets are blocked', async () => {
    const id = stage.mine.row.id;
    const page = await enter(`/all/${id}`);
    await page.getByText('Danke! Es fehlen die beiden Schäkel.').last().waitFor();
    stage.server.cut('sockets');
    stage.desk.contactSays(id, 'Said past the socket');
    await page.getByRole('log').getByText('Said past the socket').waitFor();
    expect(stage.server.requests.some((request) => request.path === 'events')).toBe(true);
    stage.desk.contactSays(id, 'And live');
    await row(page, id).getByText('And live').waitFor();
  });

  it('shows typing both ways', async () => {
    const id = stage.mine.row.id;
    const page = await enter(`/all/${id}`);
    const other = await enter(`/all/${id}`, { operator: stage.colleague.id });
    await page.getByRole('log').getByText('Danke!').waitFor();
    await other.getByRole('log').getByText('Danke!').waitFor();
    await other.getByRole('textbox', { name: /Reply to/ }).pressSequentially('Hi');
    await page.getByText('Operator Two is typing…').waitFor();
    stage.desk.broadcast({ type: 'typing', conversation: id, author: { type: 'contact', id: stage.mine.row.contact.id }, note: false }, `conversation:${id}`);
    await page.getByText('Visitor Seven is typing…').waitFor();
    await row(page, id).getByText('typing…').waitFor();
  });
});

describe('the keyboard', () => {
  it('walks, acts, finds and closes', async () => {
    const page = await enter('/all');
    await page.locator('[data-conversation]').first().waitFor();
    await page.keyboard.press('j');
    await page.waitForURL(new RegExp(stage.chatting.row.id));
    // Whoever walks does not yet write: the next key is a step too.
    await page.keyboard.press('j');
    await page.waitForURL(new RegExp(stage.waiting.row.id));
    await page.keyboard.press('r');
    await page.keyboard.type('jj');
    expect(await page.getByRole('textbox', { name: /Reply to/ }).inputValue()).toBe('jj');
    await page.getByRole('textbox', { name: /Reply to/ }).fill('');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('e');
    await page.getByText('This conversation is resolved.').waitFor();
    expect(stage.desk.get(stage.waiting.row.id).row.status).toBe('resolved');
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/all$/);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-conversation'))).toBe(stage.waiting.row.id);
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: /Find a conversation/ }).fill('visitor sev');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(stage.mine.row.id));
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await page.waitForURL(/\/waiting$/);
  });
});

it('walks through ten thousand conversations: marks at once, and opens where the walk ends', async () => {
  crowd(stage.desk, 10_000);
  const page = await enter('/all');
  await page.locator('[data-conversation]').first().waitFor();
  const ids = await page.locator('[data-conversation]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-conversation')));
  // All in one task: nothing but the mark can have been drawn between them.
  const marked = await page.evaluate(async () => {
    const marks: unknown[] = [];
    for (let step = 0; step < 6; step += 1) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
      await Promise.resolve();
      marks.push(document.querySelector('[data-conversation][data-selected]')?.getAttribute('data-conversation'));
    }
    return marks;
  });
  expect(marked).toEqual(ids.slice(0, 6));
  await page.waitForURL(new RegExp(`${ids[5]}`));
  await page.getByRole('log').getByText(/./).first().waitFor();
  expect(stage.server.requests.filter(({ path }) => path.endsWith('/timeline')).length).toBe(1);
  expect(await page.locator('[data-conversation]').count()).toBeLessThanOrEqual(60);
});

it('opens a ticket by its number', async () => {
  const page = await enter('/mine');
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: /Find a conversation/ }).fill('#10042');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(stage.waiting.row.id));
});

describe('settings', () => {
  it('show the server’s objection on its field, save only what changed, and ask before leaving', async () => {
    const page = await enter('/settings/human-support');
    const button = page.getByRole('textbox', { name: 'Button', exact: true });
    await button.fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A text in the default language is needed.').waitFor();
    expect(await button.getAttribute('aria-invalid')).toBe('true');
    await button.fill('Talk to a person');
    await count(page, 'all').click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(stage.desk.settings.human_support.button_text['en']).toBe('Talk to a person');
    expect(stage.desk.audit[0]?.detail).toEqual({ human_support: { button_text: { en: 'Talk to a person', de: 'Mit einem Menschen sprechen' } } });
    await count(page, 'all').click();
    await page.waitForURL(/\/all$/);
  });

  it('meet a change by somebody else without losing either', async () => {
    const page = await enter('/settings/general');
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.fill('My name');
    stage.desk.settings = { ...stage.desk.settings, version: stage.desk.settings.version + 1, brand: { ...stage.desk.settings.brand, name: 'Their name' } };
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed these settings meanwhile.').waitFor();
    expect(await name.inputValue()).toBe('My name');
    await page.getByRole('button', { name: 'Show theirs' }).click();
    expect(await name.inputValue()).toBe('Their name');
  });

  it('put an objection to one line of a list on the list', async () => {
    const page = await enter('/settings/general');
    const origins = page.getByRole('textbox', { name: 'Allowed websites' });
    await origins.fill('no origin');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Must be an origin such as https://shop.example', { exact: true }).waitFor();
    expect(await origins.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await origins.inputValue()).toBe('https://shop.example');
  });

  it('show the secret of a token once', async () => {
    const page = await enter('/settings/tokens');
    await page.getByRole('textbox', { name: 'Name of the token' }).fill('Nightly export');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.locator('[data-secret]').getByText('hd_').waitFor();
    await page.getByText('ends with k9Qz').waitFor();
    await page.reload();
    await page.getByText('Nightly export').waitFor();
    expect(await page.locator('[data-secret]').count()).toBe(0);
  });

  it('create and edit an article', async () => {
    const page = await enter('/settings/articles');
    await page.getByRole('link', { name: 'New article' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Knots');
    await page.getByRole('textbox', { name: 'Text' }).fill('A bowline holds.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/articles\/[0-9a-f-]{36}$/);
    expect(stage.desk.articles[0]).toMatchObject({ title: 'Knots', body: 'A bowline holds.' });
  });

  it('are read-only for operators, who see neither tokens nor the log', async () => {
    const page = await enter('/settings/general', { operator: stage.desk.operators[2]?.id });
    await page.getByText('Only owners and managers can change settings.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).isDisabled()).toBe(true);
    expect(await page.getByRole('link', { name: 'API tokens' }).count()).toBe(0);
  });

  it('set the availability, seen by the others', async () => {
    const page = await enter('/all');
    await page.getByRole('button', { name: /Your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Away' }).click();
    await page.getByRole('button', { name: /Operator One.*Away.*Your menu/ }).waitFor();
    expect(stage.me.availability).toBe('away');
  });
});

it('says so when the session is over, and when a conversation is not there', async () => {
  const page = await enter('/all/0190a000-0000-7000-8000-0000000fffff');
  await page.getByText('This conversation does not exist, or you may not see it.').waitFor();
  await page.context().clearCookies();
  await count(page, 'mine').click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe(`${stage.server.origin}/login`);
});

it('works on a phone: list, thread, details, and back', async () => {
  const page = await enter('/all', { width: 390, height: 844 });
  await row(page, stage.waiting.row.id).click();
  await page.getByRole('log').getByText('Then please get me a person.').waitFor();
  expect(await row(page, stage.waiting.row.id).isVisible()).toBe(false);
  await page.getByRole('button', { name: /Visitor Twelve.*Details/ }).click();
  await page.getByText('Europe/Amsterdam').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.goBack();
  await page.getByRole('textbox', { name: /Reply to/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await row(page, stage.waiting.row.id).waitFor();
  await page.getByRole('button', { name: 'Open menu' }).click();
  await page.getByRole('dialog').getByRole('link', { name: /Waiting/ }).click();
  await page.waitForURL(/\/waiting$/);
});
