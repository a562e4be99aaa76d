/** Times training steps in Chromium on WASM, one thread: alexnet-ts, TensorFlow.js and PyTorch. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { openSourcePage } from './sourcePage.mjs';

const USAGE = `node bench/training.mjs [--batch 16] [--classes 200] [--rounds 5] [--only head,fc,all] [--speed 'relaxed simd'|simd|plain]
                       [--python python3] [--parts]

head: a head of two classes on 200 cached features, 20 epochs of batch 16: alexnet-ts and tfjs-layers
fc:   fc6 to fc8 (9216-4096-4096-classes) on cached features: alexnet-ts and TensorFlow.js
all:  the paper's network: alexnet-ts, and PyTorch on one thread (with --python)

Prints a table (with --parts, the milliseconds of each layer) and writes bench/training.json.`;

const { values: given } = parseArgs({
  options: {
    batch: { type: 'string', default: '16' },
    classes: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'head,fc,all' },
    speed: { type: 'string' },
    python: { type: 'string' },
    parts: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (given.help) {
  console.log(USAGE);
  process.exit(0);
}
const [batch, classes, rounds] = [given.batch, given.classes, given.rounds].map(Number);

const tasks = {
  head: ['head ours', 'head tfjs-layers'],
  fc: ['fc ours', 'fc stock'],
  all: ['all ours'],
};

const { address, browser, browserName, close } = await openSourcePage('trainingPage.ts');

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Opens a page for each name and alternates steps. The first step of each is a warm-up. */
async function measure(names) {
  const pages = [];
  for (const what of names) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(String(error)));
    await page.goto(address);
    const speed = await page.evaluate((task) => globalThis.bench.open(task), {
      what,
      batch,
      classes,
      speed: given.speed,
    });
    pages.push({ what, page, speed, steps: [], torch: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const entry of pages) {
      const step = await entry.page.evaluate((seed) => globalThis.bench.step(seed), round);
      if (round > 0) entry.steps.push(step);
    }
  }
  for (const { page } of pages) await page.close();
  return pages.map(({ what, speed, steps }) => ({
    what,
    speed,
    milliseconds: median(steps.map((step) => step.milliseconds)),
    heap: Math.max(...steps.map((step) => step.heap)),
    ...(steps[0].accuracy === undefined
      ? {}
      : { accuracy: median(steps.map((step) => step.accuracy)) }),
    parts: Object.fromEntries(
      Object.keys(steps[0].times).map((part) => [
        part,
        median(steps.map((step) => step.times[part])),
      ]),
    ),
  }));
}

/** Times a step of the whole network in PyTorch, in milliseconds. */
function pytorch() {
  const script = new URL('training.py', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(
    given.python,
    [script, batch, classes, rounds].map(String),
    { encoding: 'utf8' },
  );
  if (status !== 0)
    throw new Error(`--python: ${given.python} could not run bench/training.py. ${stderr}`);
  return { what: 'all PyTorch', speed: 'one thread', ...JSON.parse(stdout), parts: {} };
}

const rows = [];
try {
  for (const name of given.only.split(',')) {
    rows.push(...(await measure(tasks[name])));
    if (name === 'all' && given.python) rows.push(pytorch());
  }
} finally {
  await close();
}

const of = (what) => rows.find((row) => row.what === what);
const ratio = (a, b, key) => (of(a) && of(b) ? of(a)[key] / of(b)[key] : undefined);
const ratios = {
  'head: ours / tfjs-layers, time': ratio('head ours', 'head tfjs-layers', 'milliseconds'),
  'fc: ours / stock, time': ratio('fc ours', 'fc stock', 'milliseconds'),
  'fc: ours / stock, heap': ratio('fc ours', 'fc stock', 'heap'),
  'all: ours / PyTorch, time': ratio('all ours', 'all PyTorch', 'milliseconds'),
};
const machine = `${os.cpus().length} x ${os.cpus()[0].model}, ${browserName}, WASM on one thread`;

console.log(
  `Training steps, batch ${batch}, ${classes} classes, medians of ${rounds}. ${machine}.\n`,
);
for (const { what, speed, milliseconds, heap, accuracy, parts } of rows) {
  console.log(
    `${what.padEnd(18)}${speed.padEnd(14)}${milliseconds.toFixed(0).padStart(7)} ms${heap ? `${(heap / 1e6).toFixed(0).padStart(7)} MB` : ''}` +
      (accuracy === undefined ? '' : `   ${(100 * accuracy).toFixed(1)} % accuracy`),
  );
  if (given.parts)
    for (const [part, time] of Object.entries(parts))
      console.log(`    ${part.padEnd(18)}${time.toFixed(1).padStart(9)} ms`);
}
for (const [name, value] of Object.entries(ratios))
  if (value !== undefined) console.log(`${name.padEnd(32)}${value.toFixed(3)}`);
await writeFile(
  new URL('training.json', import.meta.url),
  `${JSON.stringify({ machine, batch, classes, rounds, ratios, rows }, null, 2)}\n`,
);
