/** Renders the pictures of the sample classes from the scenes in this folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { povray } from '../../images/sources/povray.mjs';

const HELP = `Usage: node render.mjs [options] [class ...]

Renders the named classes (die, key, mug, pawn), or all of them, to
../pictures/<class>/<class>-01.jpg ..., the pictures to try to ../try/. Needs the
program povray (3.7) on the PATH.

Options:
  --out <folder>     write there instead of to ../
  --seed <n>         random seed (default 2)
  --only <numbers>   only these pictures of each class, as 3,7,25 (default all;
                     1 to 24 are the class, 25 to 27 are to try)
  --quality <n>      JPEG quality (default 80)
  --threads <n>      POV-Ray's threads (default: all cores)
  -h, --help         print this`;

const sources = fileURLToPath(new URL('.', import.meta.url));
const shared = fileURLToPath(new URL('../../images/sources/', import.meta.url)); // holds common.inc
const CLASSES = ['die', 'key', 'mug', 'pawn'];
const PICTURES = 24;
const TO_TRY = 3;

/** Returns the path of a picture and its size in pixels. */
function fileOf(name, index) {
  if (index > PICTURES) return { file: `try/${name}-${index - PICTURES}.jpg`, edge: 320 };
  return { file: `pictures/${name}/${name}-${String(index).padStart(2, '0')}.jpg`, edge: 160 };
}

/** Hashes numbers to a seed: POV-Ray's random numbers are similar for similar seeds. */
function hashSeed(...numbers) {
  let h = 0;
  for (const n of numbers) h = Math.imul(h ^ n, 0x9e3779b1) ^ (h >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 2;
}

async function render(name, index, folder, options) {
  const { file, edge } = fileOf(name, index);
  const png = join(folder, 'picture.png');
  // Rendered at twice the size and downscaled, which smooths edges and the noise of soft shadows.
  const size = [`+W${2 * edge}`, `+H${2 * edge}`, '-A'];
  const draw = [`Declare=Seed=${hashSeed(options.seed, CLASSES.indexOf(name), index)}`, `Declare=Index=${index}`];
  await povray(sources, [`+I${name}.pov`, `+L${shared}`, `+O${png}`, '+FN8', '+MV3.7', ...size, '-D', '-V', `+WT${options.threads}`, ...draw]);
  const picture = sharp(png).resize(edge, edge, { kernel: 'lanczos3' });
  // Sharp writes no metadata.
  const data = await picture.jpeg({ quality: options.quality, mozjpeg: true }).toBuffer();
  await writeFile(join(options.out, file), data);
  return data.length;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      seed: { type: 'string', default: '2' },
      only: { type: 'string' },
      quality: { type: 'string', default: '80' },
      threads: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const unknown = positionals.filter((name) => !CLASSES.includes(name));
  if (unknown.length) throw new Error(`no such class: ${unknown.join(', ')}. Classes: ${CLASSES.join(', ')}`);
  const whole = (key, text, high) => {
    const n = Number(text);
    if (!Number.isInteger(n) || n < 1 || n > high) throw new Error(`--${key} must be an integer from 1 to ${high}, got ${text}`);
    return n;
  };
  const all = Array.from({ length: PICTURES + TO_TRY }, (_, i) => i + 1);
  const indices = values.only ? values.only.split(',').map((text) => whole('only', text, PICTURES + TO_TRY)) : all;
  const options = {
    out: values.out ?? join(sources, '..'),
    seed: whole('seed', values.seed, 100000),
    quality: whole('quality', values.quality, 100),
    threads: whole('threads', values.threads, 512),
  };
  for (const folder of ['try', ...CLASSES.map((name) => `pictures/${name}`)]) await mkdir(join(options.out, folder), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-things-'));
  try {
    for (const name of positionals.length ? positionals : CLASSES) {
      const start = Date.now();
      let bytes = 0;
      for (const index of indices) bytes += await render(name, index, folder, options);
      console.log(`${name}: ${indices.length} pictures, ${bytes} bytes, ${Math.round((Date.now() - start) / 1000)} s`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(`render: ${error.message}`);
  process.exitCode = 1;
});
