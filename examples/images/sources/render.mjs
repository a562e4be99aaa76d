/** Renders the sample pictures from the scenes in this folder to JPEG files one folder up. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { povray } from './povray.mjs';

const HELP = `Usage: node render.mjs [options] [name ...]

Renders the named scenes (orange, school-bus, ...), or all of them, to ../<name>.jpg.
Needs the program povray (3.7) on the PATH.

Options:
  --out <folder>     write the JPEGs there instead
  --quality <n>      JPEG quality to start from (default 88)
  --max-bytes <n>    lower the quality until the file is no larger (default 80000)
  --threads <n>      POV-Ray's threads (default: all cores)
  --list             print the names and sizes of the scenes
  -h, --help         print this`;

const sources = fileURLToPath(new URL('.', import.meta.url));

/**
 * Returns the size and whether the scene has a lens blur, from the line "// Size: W x H[, lens
 * blur]." of the scene.
 */
async function header(name) {
  const text = await readFile(join(sources, `${name}.pov`), 'utf8');
  const match = /^\/\/ Size: (\d+) x (\d+)(, lens blur)?\./m.exec(text);
  if (!match) throw new Error(`${name}.pov must have a line "// Size: W x H."`);
  return { width: Number(match[1]), height: Number(match[2]), blur: match[3] !== undefined };
}

async function render(name, folder, options) {
  const { width, height, blur } = await header(name);
  const png = join(folder, `${name}.png`);
  // Lens blur samples each pixel many times, so it needs no antialiasing.
  const antialias = blur ? ['-A'] : ['+A0.1', '+AM2', '+R2'];
  await povray(sources, [`+I${name}.pov`, `+O${png}`, '+FN8', `+W${width}`, `+H${height}`, ...antialias, '-D', '-V', `+WT${options.threads}`]);
  let quality = options.quality;
  let data;
  do {
    // Sharp writes no metadata.
    data = await sharp(png).jpeg({ quality, chromaSubsampling: '4:4:4', mozjpeg: true }).toBuffer();
    if (data.length <= options.maxBytes) break;
    quality -= 2;
  } while (quality >= 50);
  await writeFile(join(options.out, `${name}.jpg`), data);
  return { width, height, quality, bytes: data.length };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      quality: { type: 'string', default: '88' },
      'max-bytes': { type: 'string', default: '80000' },
      threads: { type: 'string', default: String(availableParallelism()) },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const all = (await readdir(sources)).filter((f) => f.endsWith('.pov')).map((f) => f.slice(0, -4)).sort();
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length) throw new Error(`no such scene: ${unknown.join(', ')}. Scenes: ${all.join(', ')}`);
  const names = positionals.length ? positionals : all;
  if (values.list) {
    for (const name of names) {
      const { width, height } = await header(name);
      console.log(`${name} ${width} x ${height}`);
    }
    return;
  }
  const number = (key) => {
    const n = Number(values[key]);
    if (!Number.isInteger(n) || n < 1) throw new Error(`--${key} must be an integer of at least 1`);
    return n;
  };
  const options = { out: values.out ?? join(sources, '..'), quality: number('quality'), maxBytes: number('max-bytes'), threads: number('threads') };
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-images-'));
  try {
    for (const name of names) {
      const start = Date.now();
      const made = await render(name, folder, options);
      console.log(`${name}.jpg ${made.width} x ${made.height}, ${made.bytes} bytes at quality ${made.quality}, ${Math.round((Date.now() - start) / 1000)} s`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(`render: ${error.message}`);
  process.exitCode = 1;
});
