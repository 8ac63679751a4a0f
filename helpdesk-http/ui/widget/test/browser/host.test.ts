/** The pages that the widget moves into, and what hosts can ask of it. */
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

const command = ({ page }: Visit, ...parameters: unknown[]): Promise<unknown> =>
  page.evaluate((given) => (window as unknown as { Helpdesk: (...all: unknown[]) => unknown }).Helpdesk(...given) as undefined, parameters);

describe.each(['/', '/reset', '/csp', '/trusted', '/rtl'])('on %s', (path) => {
  test('looks and works the same, and leaves the host alone', async () => {
    const plain = await stage.visit('/?locale=en');
    const visit = await stage.visit(`${path}?locale=en`);
    const { page, panel } = visit;
    const host = (): Promise<string> =>
      page.evaluate(() => [document.documentElement, document.body, ...document.body.querySelectorAll('*')].map((node) => node.tagName + [...getComputedStyle(node)].map((name) => getComputedStyle(node).getPropertyValue(name)).join()).join('\n'));
    const before = await host();
    const shape = async (of: Visit): Promise<string[]> => {
      await of.panel.locator('.bubble').first().waitFor();
      return of.page.evaluate(() => {
        const { shadowRoot } = document.querySelector('helpdesk-widget')!;
        return ['.launcher', '.panel', '.header', 'h2', '.bubble', '.bubble p', 'textarea', '.send'].map((selector) => {
          const node = shadowRoot!.querySelector(selector)!;
          const { letterSpacing, fontSize, lineHeight, fontStyle, color, backgroundColor, textTransform, wordSpacing, opacity, filter, transform } = getComputedStyle(node);
          const { width, height, right, bottom } = node.getBoundingClientRect();
          return [selector, width, height, innerWidth - right, innerHeight - bottom, letterSpacing, fontSize, lineHeight, fontStyle, color, backgroundColor, textTransform, wordSpacing, opacity, filter, transform].join(' ');
        });
      });
    };
    await Promise.all([plain, visit].map((one) => one.open()));
    await page.waitForTimeout(400);
    expect(await shape(visit)).toEqual(await shape(plain));
    const [box, seen] = [await page.locator('helpdesk-widget').evaluate((node) => [getComputedStyle(node).opacity, getComputedStyle(node).filter]), ['1', 'none']];
    expect(box).toEqual(seen);
    await visit.send('Hello **you** <img src=x onerror=alert(1)>');
    await eventually(() => expect(stage.desk.conversations.size).toBe(1));
    stage.desk.answer(stage.desk.last, 'Here: [link](https://a.example/) and `code`');
    await panel.getByRole('link', { name: 'link' }).waitFor();
    expect(await host()).toBe(before);
    expect(await page.context().cookies()).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await panel.count()).toBe(0);
  });
});

test('adds nothing to the page but its command, its element and no long task', async () => {
  const { page, context } = await stage.visit('/');
  await page.addInitScript(() => {
    const long: number[] = [];
    Object.assign(window, { long, early: new Set(Object.getOwnPropertyNames(window)) });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => long.push(entry.duration))).observe({ type: 'longtask', buffered: true });
  });
  await page.reload();
  await page.locator('helpdesk-widget').waitFor({ state: 'attached' });
  await page.waitForTimeout(500);
  const added = await page.evaluate(() => Object.getOwnPropertyNames(window).filter((name) => !(window as unknown as { early: Set<string> }).early.has(name)));
  expect(added.filter((name) => !/^(heard|long|early|\d+)$/.test(name))).toEqual(['Helpdesk']);
  expect(await page.evaluate(() => (window as unknown as { long: number[] }).long.filter((duration) => duration > 200))).toEqual([]);
  await context.close();
});

describe('commands', () => {
  test('given before the script has loaded are not lost, and boot twice is boot once', async () => {
    const { page, panel } = await stage.visit('/manual');
    await page.addInitScript(() => {
      const stub = function (...parameters: unknown[]): void {
        (stub.q = stub.q ?? []).push(parameters);
      } as { (...parameters: unknown[]): void; q?: unknown[][] };
      Object.assign(window, { Helpdesk: stub, log: [] });
      const log = (what: string) => (detail: unknown) => (window as unknown as { log: string[] }).log.push(`${what} ${JSON.stringify(detail)}`);
      stub('on', 'open', log('open'));
      stub('on', 'ready', log('ready'));
      stub('boot', { key: 'demo' });
      stub('boot', { key: 'demo' });
      stub('show');
      stub('no such command');
    });
    await page.reload();
    await panel.waitFor();
    expect(await page.locator('helpdesk-widget').count()).toBe(1);
    await eventually(async () => expect(await page.evaluate(() => (window as unknown as { log: string[] }).log)).toEqual(['ready null', 'open null']));
    stage.complaints.splice(0, stage.complaints.length, ...stage.complaints.filter((complaint) => !complaint.includes('no such command')));
  });

  test('show, hide, toggle, message, launcher, update, on, off', async () => {
    const visit = await stage.visit();
    const { page, panel, launcher, field } = visit;
    await launcher.waitFor();
    await command(visit, 'show');
    await panel.waitFor();
    await command(visit, 'hide');
    expect(await panel.count()).toBe(0);
    await command(visit, 'toggle');
    await panel.waitFor();
    await command(visit, 'message', 'I have a question about tents');
    expect(await field.inputValue()).toBe('I have a question about tents');
    expect(stage.desk.conversations.size).toBe(0);
    await command(visit, 'launcher', false);
    await eventually(async () => expect(await launcher.count()).toBe(0));
    await command(visit, 'launcher', true);
    await command(visit, 'update', { color: '#facc15', side: 'left', theme: 'dark', locale: 'de' });
    await eventually(async () => expect(await field.getAttribute('placeholder')).toBe('Nachricht schreiben …'));
    expect(await launcher.evaluate((node) => [getComputedStyle(node).backgroundColor, node.getBoundingClientRect().left])).toEqual(['rgb(250, 204, 21)', 20]);
    // Black stands out on yellow, white does not.
    expect(await launcher.evaluate((node) => getComputedStyle(node).color)).toMatch(/^color\(xyz-d65 0 0 0\)$/);
    const counted = await page.evaluate(() => {
      const { Helpdesk } = window as unknown as { Helpdesk: (...parameters: unknown[]) => void };
      let count = 0;
      const listener = (): void => void (count += 1);
      Helpdesk('on', 'close', listener);
      Helpdesk('hide');
      Helpdesk('off', 'close', listener);
      Helpdesk('show');
      Helpdesk('hide');
      return count;
    });
    expect(counted).toBe(1);
    await expect(command(visit, 'constructor')).rejects.toThrow('no command');
  });

  test('identify keeps what an unknown visitor wrote; reset leaves nothing of anybody', async () => {
    const visit = await stage.visit();
    const { texts, panel, page } = visit;
    await visit.open();
    await visit.send('Before I log in');
    await eventually(() => expect(stage.desk.conversations.size).toBe(1));
    await eventually(() => expect(stage.server.sockets).toBe(1));
    await command(visit, 'identify', { token: 'signed:anna' });
    await eventually(() => expect(stage.desk.last.contact).toBe('user-anna'));
    await visit.send('Now you know me');
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting, 'Before I log in', 'Now you know me']));
    await command(visit, 'reset');
    await eventually(async () => expect(await panel.count()).toBe(0));
    expect(await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])).toEqual([]);
    await visit.open();
    await eventually(async () => expect(await texts()).toEqual([stage.desk.settings.greeting]));
    expect(await panel.getByRole('button', { name: 'Earlier conversations' }).count()).toBe(0);
    await command(visit, 'identify', { token: 'signed:ben' });
    await eventually(() => expect(stage.desk.sessions.at(-1)).toMatchObject({ identity: 'signed:ben' }));
    await page.waitForTimeout(200);
    expect(await texts()).toEqual([stage.desk.settings.greeting]);
  });

  test('an identity that is not believed is told to the host; the visitor can still chat', async () => {
    const visit = await stage.visit();
    await visit.open();
    await command(visit, 'identify', { token: 'forged' });
    await eventually(async () => expect(await visit.heard()).toContain('error {"code":"token"}'));
    await visit.send('Hello anyway');
    await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  });

  test('shutdown and boot as somebody else show nothing of the first; logging out in one tab does in all', async () => {
    const visit = await stage.visit('/?identity=signed:anna');
    const other = await stage.visit('/?identity=signed:anna', {}, visit.context);
    await visit.open();
    await visit.send('Private');
    await eventually(() => expect(stage.desk.last.contact).toBe('user-anna'));
    await other.open();
    await eventually(async () => expect(await other.texts()).toContain('Private'));
    await command(visit, 'shutdown');
    expect(await visit.page.locator('helpdesk-widget').count()).toBe(0);
    await eventually(async () => expect(await other.panel.count()).toBe(0));
    await command(visit, 'boot', { key: 'demo', base: `${stage.server.origin}/desk`, identity: 'signed:ben' });
    await visit.open();
    await eventually(() => expect(stage.desk.sessions.at(-1)).toMatchObject({ identity: 'signed:ben' }));
    await eventually(async () => expect(await visit.texts()).toEqual([stage.desk.settings.greeting]));
  });
});

test('two elements of one key are one widget; it survives being moved, and ends when it is removed', async () => {
  const { page, panel, launcher, open, send } = await stage.visit('/element');
  await launcher.waitFor();
  expect(await launcher.count()).toBe(1);
  await open();
  await send('Hello');
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  await page.evaluate(() => {
    const old = document.body;
    const next = document.createElement('body');
    next.append(...old.childNodes);
    old.replaceWith(next);
  });
  stage.desk.answer(stage.desk.last, 'Still here');
  await panel.getByText('Still here').waitFor();
  expect(stage.server.sockets).toBe(1);
  await page.evaluate(() => document.querySelectorAll('helpdesk-widget').forEach((node) => node.remove()));
  await eventually(() => expect(stage.server.sockets).toBe(0));
});

test('hostile text in every place is text', async () => {
  const evil = [`<img src=x onerror="window.ran=1">`, `<script>window.ran=1</script>`, `"><svg onload=window.ran=1>`, `[x](javascript:window.ran=1)`, `[x](data:text/html,<script>1</script>)`, `{{constructor.constructor('window.ran=1')()}}`, 'http://a.example/"onmouseover="window.ran=1', '\u202eevil\u202c', '`${window.ran=1}`', '<a href="javascript:window.ran=1">x</a>'];
  Object.assign(stage.desk.settings, { greeting: evil[0], button_text: evil[1], waiting_label: evil[2], connected_label: `{name} ${evil[0]}`, brand: { name: evil[0], color: 'red;}*{display:none' } });
  stage.desk.threshold = 0;
  const { page, panel, open, send } = await stage.visit();
  await open();
  await send(evil.join('\n'));
  await eventually(() => expect(stage.desk.conversations.size).toBe(1));
  const held = stage.desk.last;
  for (const text of evil) stage.desk.answer(held, text, [{ title: text, url: text }]);
  stage.desk.transition = evil[0]!;
  await panel.locator('.human').click();
  await panel.locator('.divider').waitFor();
  stage.desk.claim(held, evil[0]!);
  stage.desk.write(held, { type: 'operator', name: evil[2] }, evil.join('\n\n'));
  await eventually(async () => expect((await panel.locator('.bubble').last().innerText()).length).toBeGreaterThan(100));
  await page.waitForTimeout(200);
  expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined();
  const links = await panel.locator('a').evaluateAll((nodes) => nodes.map((node) => (node as HTMLAnchorElement).protocol));
  expect(new Set(links)).toEqual(new Set(['http:']));
  expect(await panel.locator('img, script, iframe').count()).toBe(0);
});
