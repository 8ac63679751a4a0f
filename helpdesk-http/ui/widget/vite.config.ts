import { minify } from 'terser';
import { defineConfig, type Plugin } from 'vite';

/** A second pass over the bundle: every visitor of every host page loads it, so one percent is worth a minifier. */
const smaller = (): Plugin => ({
  name: 'smaller',
  enforce: 'post',
  async generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      const { code } = await minify(file.code, {
        ecma: 2022,
        toplevel: true,
        // The bundle comes minified: some of it done over again only makes it harder to compress.
        compress: { passes: 2, sequences: false, hoist_funs: true, pure_getters: true, unsafe: true, unsafe_arrows: true, unsafe_methods: true },
      });
      file.code = code ?? file.code;
    }
  },
});

export default defineConfig({
  oxc: { jsx: { runtime: 'classic', pragma: 'h', development: false } },
  plugins: [smaller()],
  build: {
    target: 'es2022',
    // Below these, light-dark() is lowered to rules that do not work.
    cssTarget: ['chrome125', 'safari17.5', 'firefox128'],
    lib: { entry: 'src/boot.ts', formats: ['iife'], name: 'HelpdeskWidget', fileName: () => 'widget.js' },
    reportCompressedSize: false,
  },
});
