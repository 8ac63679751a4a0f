/** Hostile text through every field that people fill: it is shown as text, and nothing runs in either page. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startServer, type Server } from '@helpdesk/e2e/server';
import { setStage, type Stage } from '@helpdesk/e2e/stage';
import { CORPUS } from './corpus';

let server: Server;
let stage: Stage;
beforeEach(async () => {
  server = await startServer();
  stage = await setStage();
});
afterEach(async () => {
  await stage?.end('hostile');
  await server?.end();
  expect(stage.complaints).toEqual([]);
});

/** A field of one line. */
const line = (text: string): string => text.replace(/[\n\t\u2028\u2029]/g, ' ').trim();

/** Elements that no text of anybody may have made, and links that lead to code, in the page and its shadow trees. */
const intruders = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const look = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) look(element.shadowRoot);
        // The one base that the inbox itself has stands in the head.
        if (element.matches('head > base[href="../"]')) continue;
        if (/^(iframe|object|embed|base|img|image|video|audio|math|marquee|details|animate|foreignobject|xss)$/i.test(element.localName)) found.push(`${element.localName} in ${element.parentElement?.className}`);
        for (const { name, value } of element.attributes) {
          if (/^on/i.test(name) || (/^(href|src|action|formaction|xlink:href)$/i.test(name) && /^[\s\0-\x20]*(javascript|data|vbscript):/i.test(value))) found.push(`${element.localName} ${name}=${value.slice(0, 100)}`);
        }
      }
    };
    look(document);
    return found;
  });

/** Without what the eye does not see and markdown takes away: enough to tell whether the words are there. */
const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

test('every shape through every field', async () => {
  const hostile = CORPUS;
  expect(new Set(hostile).size).toBeGreaterThanOrEqual(100);
  const title = '</title><script>hit(1)</script><img src=x onerror=hit(1)>';
  const visitor = await stage.visitor(server.url, { hostileTitle: title });
  await visitor.open();
  await visitor.send(hostile[0]!);
  await visitor.panel.locator('.mine .bubble').waitFor();
  const { token } = visitor.session();
  await expect.poll(async () => (await server.done('GET', 'conversations')).items.length).toBe(1);
  const conversation: string = (await server.done('GET', 'conversations')).items[0].id;

  // Everything that the assistant may cite, in both places that are shown.
  for (const [index, text] of ['<img src=x onerror=hit(1)>', '[press](javascript:hit(1))', '<svg onload=hit(1)>', '**<script>hit(1)</script>**'].entries()) {
    await server.done('POST', 'articles', { title: `zebra${index} ${text}`, body: `The zebra${index} says ${text} and https://a.example/"onmouseover="hit(1)`, language: 'en' });
  }
  expect((await server.call('POST', 'articles', { title: 'a', body: 'b', url: 'javascript:hit(1)' })).status).toBe(422);

  const owner = await stage.operator(server.login);
  await owner.row(conversation).click();
  await owner.log.locator('[data-author="contact"]').first().waitFor();

  // What the assistant says.
  for (const index of [0, 1, 2, 3]) {
    const sources = await visitor.panel.locator('.sources', { hasText: `zebra${index}` }).count();
    await visitor.send(`What does zebra${index} say?`);
    await expect.poll(() => visitor.panel.locator('.sources', { hasText: `zebra${index}` }).count()).toBeGreaterThan(sources);
  }

  // Names: the contact's, the page's that they are on, the operator's. Now and then the pages draw one.
  for (const [index, text] of hostile.entries()) {
    const name = line(text).slice(0, 80);
    const answer = await server.call('PATCH', 'widget/contact', { name }, token);
    expect([200, 422], `${name}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
    if (index % 20 === 1 && answer.status === 200) {
      await owner.page.reload();
      await owner.page.getByRole('heading', { level: 1, name: squeezed(name) }).waitFor();
    }
  }
  const name = '<img src=x onerror=hit(1)> & "sons"';
  await server.done('PATCH', 'widget/contact', { name }, token);
  await owner.page.reload();
  await owner.row(conversation).getByText(name).first().waitFor();
  await owner.page.getByText(title).first().waitFor();
  const operator = '<script>hit(1)</script> O\'Hara';
  await server.done('PATCH', 'me', { name: operator });

  // What the operator says, aloud and among the team.
  await owner.button('Take over').click();
  await visitor.panel.locator('.header', { hasText: operator }).waitFor();
  let silent = 0;
  for (const [index, text] of hostile.entries()) {
    const sent = await server.call('POST', `conversations/${conversation}/messages`, { text });
    if (sent.status === 422) silent += 1;
    else expect(sent.status, `${index} ${text}: ${JSON.stringify(sent.body)}`).toBe(201);
    const noted = await server.call('POST', `conversations/${conversation}/notes`, { text });
    expect(noted.status).toBe(sent.status);
  }
  expect(silent).toBe(0);
  // What the visitor says.
  for (const text of hostile.slice(1)) {
    const said = await server.call('POST', `widget/conversations/${conversation}/messages`, { text }, token);
    expect(said.status, `${text}: ${JSON.stringify(said.body)}`).toBe(201);
  }
  const end = 'That was all.';
  await server.done('POST', `widget/conversations/${conversation}/messages`, { text: end }, token);
  await visitor.panel.getByText(end).waitFor();
  await owner.log.getByText(end).waitFor();

  // Shown literally: the visitor's own words are nobody's markup.
  const shown = (await visitor.panel.locator('.mine .bubble').allTextContents()).map(squeezed);
  const seen = squeezed((await owner.log.allTextContents()).join(' '));
  const missing = hostile.map(squeezed).filter((text) => !shown.includes(text));
  expect(missing).toEqual([]);
  expect(hostile.map(squeezed).filter((text) => !seen.includes(text))).toEqual([]);

  // Everything that can be hovered, focused or pressed has had its chance.
  for (const { page } of [visitor, owner]) {
    await page.evaluate(() => {
      const poke = (root: Document | ShadowRoot): void => {
        for (const element of root.querySelectorAll('*')) {
          for (const event of ['mouseover', 'pointerenter', 'focus', 'animationstart', 'toggle']) element.dispatchEvent(new Event(event));
          if (element.shadowRoot) poke(element.shadowRoot);
        }
      };
      poke(document);
    });
    expect(await intruders(page)).toEqual([]);
  }

  // And after a reload, when everything is drawn from the store; and where else the inbox shows it.
  await Promise.all([visitor.page.reload(), owner.page.reload()]);
  await visitor.panel.getByText(end).waitFor();
  await owner.log.getByText(end).waitFor();
  expect(await intruders(visitor.page)).toEqual([]);
  expect(await intruders(owner.page)).toEqual([]);
  for (const [path, text] of [['settings/articles', 'zebra3'], ['settings/audit', 'zebra3']] as const) {
    await owner.page.goto(`${server.url}/helpdesk/inbox/${path}`);
    await owner.page.getByText(text).first().waitFor();
    expect(await intruders(owner.page)).toEqual([]);
  }
}, 600_000);
