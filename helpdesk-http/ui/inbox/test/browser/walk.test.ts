import { expect, it } from 'vitest';
import { crowd } from '../fake/seed';
import { setStage } from './browser';

/**
 * How long a step through a long list takes, from the key to the frame that shows it and to the thread behind it. The figures mean
 * something on a machine of its own: `MEASURE=1 npx vitest run -c vitest.browser.config.ts walk`.
 */
it.skipIf(!process.env['MEASURE'])('a step through ten thousand conversations', async () => {
  const stage = await setStage();
  crowd(stage.desk, 10_000);
  const page = await stage.enter('/all');
  await page.locator('[data-conversation]').first().waitFor();
  await page.bringToFront();
  await page.evaluate(() => {
    const figures = { frame: [] as number[], thread: [] as number[] };
    Object.assign(window, { figures });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') figures.frame.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    document.addEventListener('keydown', ({ timeStamp }) => {
      const marked = () => document.querySelector('[data-conversation][data-selected] [dir=auto]')?.textContent;
      const before = marked();
      const look = () => {
        const name = marked();
        const shown = document.querySelector('main header button [dir=auto]')?.textContent;
        if (name !== before && name === shown) figures.thread.push(performance.now() - timeStamp);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  });
  for (let step = 0; step < 35; step += 1) {
    await page.keyboard.press(step % 7 === 6 ? 'Alt+k' : 'Alt+j');
    await page.waitForTimeout(250);
  }
  const { frame, thread } = await page.evaluate(() => (window as unknown as { figures: Record<'frame' | 'thread', number[]> }).figures);
  const median = (figures: number[]) => [...figures].sort((left, right) => left - right)[figures.length >> 1]?.toFixed(0);
  // Frames within 16 ms are not reported at all.
  const frames = [...frame, ...Array.from({ length: Math.max(0, 35 - frame.length) }, () => 16)];
  const rows = await page.locator('[data-conversation]').count();
  console.log(`key to frame: median ${median(frames)} ms, worst ${Math.max(...frames)} ms; key to thread: median ${median(thread)} ms; ${rows} rows`);
  expect(rows).toBeLessThanOrEqual(60);
  await stage.end();
}, 120_000);
