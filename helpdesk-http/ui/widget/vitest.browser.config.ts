import { defineConfig } from 'vitest/config';

/** Against the built script: run `npm run build` first. */
export default defineConfig({
  test: { include: ['test/browser/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false, isolate: false },
});
