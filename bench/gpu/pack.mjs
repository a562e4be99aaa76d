/**
 * Packs what `run.sh` needs on a machine that has a GPU, but neither Node, a browser nor a network: the
 * node binary, the packages that tests and benchmark use (one of them is a browser), and dist/.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `node bench/gpu/pack.mjs [options]

  --to <folder>     where to write the parts (default .gpu)
  --part-mb <n>     the largest size of a part, in MB (default 40)
  --help            print this text

Build first. Copy the parts and the working tree to the other machine, and run there:
  bash bench/gpu/run.sh <folder of the parts> <folder for the results>
`;

/** Packages that neither tests in the browser nor the benchmark use, and unused files of others. */
const LEFT_OUT = [
  ...['binaryen', 'assemblyscript', 'typescript', 'prettier', 'typedoc', 'axe-core', 'zod'],
  ...['chromium-bidi', 'puppeteer-core', '@puppeteer', '@shikijs', 'highlight.js', 'moment'],
  ...[
    'spdx-license-list',
    '@typescript-eslint',
    'eslint',
    'dependency-cruiser',
    'devtools-protocol',
  ],
  '.cache',
  '*.map',
  'onnxruntime-web/dist/ort.all*',
  'onnxruntime-web/dist/ort.webgl*',
  'onnxruntime-web/dist/*jspi*',
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: given } = parseArgs({
  options: {
    to: { type: 'string', default: '.gpu' },
    'part-mb': { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});
if (given.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const partBytes = 1e6 * Number(given['part-mb']);
if (!(partBytes > 0))
  throw new Error(`--part-mb: must be a number above 0, got ${given['part-mb']}.`);

const folder = join(root, given.to);
await mkdir(folder, { recursive: true });
for (const file of await readdir(folder))
  if (file.startsWith('alexnet-gpu.part-')) await rm(join(folder, file));

const tar = spawn(
  'tar',
  [
    ...['--create', '--gzip', '--dereference', '--file=-'],
    ...LEFT_OUT.map((path) => `--exclude=${path.includes('*') ? path : `node_modules/${path}`}`),
    '--exclude=dist/gallery',
    `--directory=${dirname(process.execPath)}`,
    '--transform=s,^node$,.gpu-node/node,',
    'node',
    `--directory=${root}`,
    ...['node_modules', 'dist'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((resolve) => tar.on('close', resolve));

let [part, room, count] = [undefined, 0, 0];
const end = async () => part && (await new Promise((resolve) => part.end(resolve)));
for await (const chunk of tar.stdout) {
  let rest = chunk;
  while (rest.length > 0) {
    if (room === 0) {
      await end();
      const name = `alexnet-gpu.part-${String(count++).padStart(2, '0')}`;
      part = createWriteStream(join(folder, name));
      room = partBytes;
    }
    const now = rest.subarray(0, room);
    if (!part.write(now)) await once(part, 'drain');
    room -= now.length;
    rest = rest.subarray(now.length);
  }
}
await end();
const status = await ended;
if (status !== 0) throw new Error(`pack: tar ended with status ${status}.`);
console.log(`${count} parts in ${relative(process.cwd(), folder) || '.'}`);
