import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setStage, type Stage } from './browser';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string; html: string }[];
}

/** What is wrong with the page for people who do not see, hear or point like the author. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (context: Document, options: object) => Promise<{ violations: Violation[] }> } }).axe.run;
    return (await run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations;
  });
  return found.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} – ${node.failureSummary.split('\n')[1]?.trim()} ${node.html.slice(0, 200)}`.replace(/#mantine-[a-z0-9]+/g, '#…')));
}

describe('accessibility', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.end());

  for (const dark of [false, true]) {
    for (const width of [1440, 390]) {
      it(`${dark ? 'dark' : 'light'}, ${width} pixels`, async () => {
        const page = await stage.enter('/all', { dark, width });
        const wrong: string[] = [];
        const paths = [
          '/all',
          `/waiting/${stage.waiting.row.id}`,
          `/all/${stage.mine.row.id}`,
          `/all/${stage.waiting.row.id}?panel=details`,
          '/settings/general',
          '/settings/human-support',
          '/settings/assistants',
          `/settings/assistants/${stage.desk.assistants[0]?.id}`,
          '/settings/articles',
          '/settings/articles/new',
          '/settings/tokens',
          '/settings/audit',
        ];
        for (const path of paths) {
          await page.goto(`${stage.server.inbox}${path}`);
          await page.waitForSelector('main', { state: 'visible' });
          await page.waitForLoadState('networkidle');
          wrong.push(...(await violations(page)));
        }
        await page.goto(`${stage.server.inbox}/all/${stage.waiting.row.id}`);
        await page.getByRole('log').getByText('Then please get me a person.').waitFor();
        await page.keyboard.press('Alt+p');
        await page.keyboard.type('A note');
        wrong.push(...await violations(page));
        await page.keyboard.press('Control+k');
        await page.getByRole('textbox', { name: /Find a conversation/ }).waitFor();
        wrong.push(...await violations(page));
        await page.keyboard.press('Escape');
        await page.goto(`${stage.server.inbox}/all?unread=true&flagged=true&assignee=me`);
        await page.getByText('Nothing here passes the filters.').waitFor();
        wrong.push(...(await violations(page)));
        await page.goto(`${stage.server.inbox}/settings/general`);
        await page.getByRole('textbox', { name: 'Allowed websites' }).fill('nowhere');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Must be an origin').waitFor();
        wrong.push(...(await violations(page)));
        expect([...new Set(wrong)]).toEqual([]);
        await page.context().close();
      });
    }
  }
});
