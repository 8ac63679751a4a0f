/** Fails when a page has outgrown its budget (brotli, quality 11, bytes). */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const assets = join(dirname(fileURLToPath(import.meta.url)), '../../assets');
const files = (folder) => readdirSync(join(assets, folder), { recursive: true, withFileTypes: true }).filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
const brotli = (path) => brotliCompressSync(readFileSync(path)).length;

/** What a page loads before it can be used, told by its `index.html`. */
function initial(folder, extension) {
  const html = readFileSync(join(assets, folder, 'index.html'), 'utf8');
  return files(folder).filter((path) => path.endsWith(extension) && html.includes(path.split('/').at(-1)));
}
const sum = (paths) => paths.reduce((total, path) => total + brotli(path), 0);
const KIB = 1024;

const budgets = [
  ['widget.js', () => brotli(join(assets, 'widget/widget.js')), 15_360],
  ['largest locale pack of the widget', () => Math.max(...files('widget').filter((path) => path.endsWith('.json')).map(brotli)), 1_024],
];
if (readdirSync(assets).includes('inbox')) {
  budgets.push(
    ['inbox, initial JavaScript', () => sum(initial('inbox', '.js')), 230 * KIB],
    ['inbox, style sheets', () => sum(files('inbox').filter((path) => path.endsWith('.css'))), 20 * KIB],
    ['inbox, largest lazy part', () => Math.max(0, ...files('inbox').filter((path) => path.endsWith('.js') && !initial('inbox', '.js').includes(path)).map(brotli)), 120 * KIB],
  );
}
let failed = false;
for (const [name, measure, budget] of budgets) {
  const size = measure();
  failed ||= size > budget;
  console.log(`${size > budget ? 'OVER' : 'ok  '}  ${name}: ${size} of ${budget} bytes`);
}
process.exit(failed ? 1 : 0);
