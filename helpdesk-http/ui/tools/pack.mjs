/**
 * Copies what the packages built into `helpdesk-http/assets` and writes the manifest that the server serves them by: each
 * path below that folder, what it is and for how long it may be kept; a second name says whose bytes it has (`source`).
 * Two runs over the same sources give the same bytes. Compression is left to the server: encoders differ.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ui = join(dirname(fileURLToPath(import.meta.url)), '..');
const assets = join(ui, '../assets');

const CONTENT_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
/** Names that hold a hash of their content may be kept for ever. */
const HASHED = /-[\w-]{8,}\.\w+$/;

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();

for (const page of ['widget', 'inbox']) {
  const built = join(ui, page, 'dist');
  if (!existsSync(built)) {
    if (page === 'inbox') continue;
    throw new Error(`${built} is missing: run "npm run build" first`);
  }
  rmSync(join(assets, page), { recursive: true, force: true });
  mkdirSync(join(assets, page), { recursive: true });
  cpSync(built, join(assets, page), { recursive: true });
}
// Language packs are data, fetched by name when a visitor reads that language.
for (const path of filesBelow(join(ui, 'widget/locales'))) {
  const name = path.split('/').at(-1);
  if (name !== 'en.json') writeFileSync(join(assets, 'widget', `locale-${name}`), JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
}

const manifest = filesBelow(assets)
  .map((file) => relative(assets, file).replaceAll('\\', '/'))
  .filter((path) => path !== 'manifest.json')
  .map((path) => {
    const content = readFileSync(join(assets, path));
    const contentType = CONTENT_TYPES[extname(path)];
    if (!contentType) throw new Error(`No content type is known for ${path}`);
    return {
      path,
      content_type: contentType,
      size: content.length,
      integrity: `sha384-${createHash('sha384').update(content).digest('base64')}`,
      immutable: HASHED.test(path),
    };
  });
// The same bytes under a name that never changes its content, for pages that pin the script by its hash.
const script = manifest.find(({ path }) => path === 'widget/widget.js');
const hash = createHash('sha384').update(readFileSync(join(assets, script.path))).digest('hex').slice(0, 16);
manifest.push({ ...script, path: `widget/widget-${hash}.js`, source: script.path, immutable: true });
manifest.sort((a, b) => (a.path < b.path ? -1 : 1));
writeFileSync(join(assets, 'manifest.json'), `${JSON.stringify({ files: manifest }, null, 2)}\n`);
console.log(`${manifest.length} files, ${manifest.reduce((sum, { size }) => sum + size, 0)} bytes`);
