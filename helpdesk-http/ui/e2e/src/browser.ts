/** The browser of every test that needs one: the system's Chromium, with nothing in it that calls home. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string; html: string }[];
}

const axe = (): string => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps somebody from using the page, by the rules of WCAG 2.2 A and AA; shadow trees are looked into. */
export async function violations(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(axe());
  const found = await page.evaluate(async (selector) => {
    const { axe: checker } = window as unknown as { axe: { run: (context: unknown, options: object) => Promise<{ violations: Violation[] }> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return (await checker.run(selector ?? document, { runOnly: tags })).violations;
  }, within);
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary, html }) => `${id}: ${target} ${failureSummary} ${html.slice(0, 300)}`));
}
