import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { setStage, type Stage } from './browser';

/** Takes pictures for people to look at: `LOOK=/tmp/pictures npx vitest run -c vitest.browser.config.ts look`. */
const folder = process.env['LOOK'];

describe.skipIf(!folder)('pictures', () => {
  let stage: Stage;
  beforeAll(async () => {
    mkdirSync(folder!, { recursive: true });
    stage = await setStage();
  });
  afterAll(() => stage.end());

  for (const dark of [false, true]) {
    const scheme = dark ? 'dark' : 'light';
    for (const width of [1440, 390]) {
      const height = width === 390 ? 844 : 900;
      it(`${scheme} ${width}`, async () => {
        const shots: [string, string][] = [
          ['list', '/all'],
          ['waiting', `/waiting/${stage.waiting.row.id}`],
          ['mine', `/all/${stage.mine.row.id}`],
          ['general', '/settings/general'],
          ['human', '/settings/human-support'],
          ['assistant', `/settings/assistants/${stage.desk.assistants[0]?.id}`],
          ['articles', '/settings/articles'],
          ['tokens', '/settings/tokens'],
          ['audit', '/settings/audit'],
        ];
        if (width === 390) shots.push(['details', `/waiting/${stage.waiting.row.id}?panel=details`]);
        for (const [name, path] of shots) {
          const page = await stage.enter(path, { width, height, dark });
          await page.waitForSelector('main');
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png` });
          await page.context().close();
        }
        console.log(stage.complaints);
      });
    }
  }
});
