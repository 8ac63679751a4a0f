import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // The server decides at run time under which path the page lives (`<base href>`), so every address in the output is relative.
  base: './',
  plugins: [react()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Vite lowers light-dark() under an es2022 CSS target and the result silently does nothing; these know it natively.
    cssTarget: ['chrome125', 'safari17.5', 'firefox128'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  test: {
    environment: 'node',
    include: ['test/*.test.ts'],
  },
} as Parameters<typeof defineConfig>[0]);
