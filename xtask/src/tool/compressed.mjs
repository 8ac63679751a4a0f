// Fails, naming them, on the .br and .gz files below the given folder that do not hold the bytes of the file they stand beside.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

const open = { br: brotliDecompressSync, gz: gunzipSync }
const folder = process.argv[2]
const wrong = []
let right = 0

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const [, original, kind] = /^(.+)\.(br|gz)$/.exec(entry.name) ?? []
  if (!entry.isFile() || !original) continue
  const directory = entry.parentPath ?? entry.path
  const path = join(directory, entry.name)
  try {
    if (open[kind](readFileSync(path)).equals(readFileSync(join(directory, original)))) right += 1
    else wrong.push(`${path}: holds other bytes than ${original}`)
  } catch (error) {
    wrong.push(`${path}: ${error.message}`)
  }
}

if (wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
console.log(`${right} compressed files hold the bytes of the files they stand beside`)
