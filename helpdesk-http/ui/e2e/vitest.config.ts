import { defineConfig } from 'vitest/config';

/** The stories of the built pages on the real server. `tests/browser.rs` starts them; a slow machine gets its time. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 240_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    expect: { poll: { timeout: 60_000, interval: 50 } },
  },
});
