import { defineConfig } from 'vitest/config';

/** Tests of the built page in a real browser against the fake server; `npm run build` comes first. */
export default defineConfig({
  test: { include: ['test/browser/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false },
});
