/**
 * `npm run soak`: checks for leaks over thousands of classifications and fine-tunings in a page.
 */
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { openSourcePage } from './sourcePage.mjs';

const { values: given } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    small: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
});

const classify = (network, backend, count) => ({
  name: `${network} ${backend} classify`,
  what: 'classify',
  network,
  backend,
  count,
});
const rounds = (network, backend) => ({
  name: `${network} ${backend} rounds`,
  what: 'rounds',
  network,
  backend,
  count: Number(given.rounds),
});

const all = [
  classify('small', 'wasm', Number(given.small)),
  classify('whole', 'wasm', Number(given.count)),
  rounds('small', 'wasm'),
  rounds('whole', 'wasm'),
  classify('small', 'webgl', Number(given.small)),
  rounds('small', 'webgl'),
];

const USAGE = `npm run soak -- [--count 1000] [--small 10000] [--rounds 100] [--only words]

--count  classifications of the whole network on WASM
--small  classifications of a small network with the same layer types, on WASM and WebGL
--rounds of load, fineTune and dispose
--only   tasks whose names contain one of these words, separated by commas: ${all.map(({ name }) => name).join(', ')}

Runs in one page of a headless browser. Prints what the page holds after the tenth and the last round,
after garbage collection. Exits with status 1 if anything grew; for the JavaScript heap and buffers, by
more than 2 MiB.`;

if (given.help) {
  console.log(USAGE);
  process.exit(0);
}
const words = given.only.split(',').filter((word) => word);
const tasks = all.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (tasks.length === 0 || all.some(({ count }) => !(Number.isInteger(count) && count > 10))) {
  console.error(
    `Counts must be integers greater than 10, and --only must name a task.\n\n${USAGE}`,
  );
  process.exit(2);
}

/** Rounds before the first measurement. */
const WARM_UP = 10;
const MiB = 2 ** 20;
/** Allowed growth in bytes, for compiled code and caches. Everything else must not grow. */
const TOLERANCE = { 'JS heap': 2 * MiB, 'JS buffers': 2 * MiB };

/** Runs in the page: records all live WebAssembly memories. */
function watchMemories() {
  const memories = [];
  const note = (memory) => void (memory && memories.push(new WeakRef(memory)));
  const { Memory, instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor) {
      super(descriptor);
      note(this);
    }
  };
  const noted = async (made) => {
    const result = await made;
    note((result.instance ?? result).exports.memory);
    return result;
  };
  WebAssembly.instantiate = (...args) => noted(instantiate.apply(WebAssembly, args));
  WebAssembly.instantiateStreaming = (...args) =>
    noted(instantiateStreaming.apply(WebAssembly, args));
  globalThis.wasmMemories = () => [
    ...new Set(memories.map((memory) => memory.deref()).filter((memory) => memory)),
  ];
}

const { address, browser, browserName, close } = await openSourcePage('soakPage.ts');

/** Returns what the page holds after several garbage collections. */
async function usage(page, devtools) {
  for (let i = 0; i < 3; i++) {
    await devtools.send('HeapProfiler.collectGarbage');
    await page.evaluate(() => new Promise((resume) => setTimeout(resume, 50)));
  }
  const heap = await devtools.send('Runtime.getHeapUsage');
  const { documents, nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
  const wasm = await page.evaluate(() =>
    globalThis.wasmMemories().map(({ buffer }) => buffer.byteLength),
  );
  return {
    'JS heap': heap.usedSize,
    'JS buffers': heap.backingStorageSize,
    'WASM memories': wasm.length,
    'WASM bytes': wasm.reduce((sum, bytes) => sum + bytes, 0),
    ...(await page.evaluate(() => globalThis.soak.held())),
    listeners: jsEventListeners,
    'DOM nodes': nodes,
    documents,
    workers: page.workers().length,
  };
}

/** Runs a task. Returns the usage after the warm-up and after the last round. */
async function run(page, devtools, task) {
  await page.evaluate((each) => globalThis.soak.open(each), task);
  const bar = new SingleBar(
    {
      format: `${task.name} {bar} {value} of {total}, {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  bar.start(task.count, 0);
  const start = performance.now();
  try {
    await page.evaluate((count) => globalThis.soak.run(count), WARM_UP);
    const early = await usage(page, devtools);
    const part = Math.max(1, Math.floor(task.count / 100));
    for (let done = WARM_UP; done < task.count;) {
      const some = Math.min(part, task.count - done);
      await page.evaluate((count) => globalThis.soak.run(count), some);
      bar.update((done += some));
    }
    const seconds = (performance.now() - start) / 1000;
    const late = await usage(page, devtools);
    return { early, late, seconds };
  } finally {
    bar.stop();
    await page.evaluate(() => globalThis.soak.close());
  }
}

const written = (what, value) =>
  /bytes|heap|buffers/.test(what) ? `${(value / MiB).toFixed(2)} MiB` : String(value);

function print(task, { early, late, seconds }) {
  console.log(`\n${task.name}, ${task.count} times in ${seconds.toFixed(0)} s`);
  console.log(
    `${''.padEnd(26)}${`after ${WARM_UP}`.padStart(14)}${`after ${task.count}`.padStart(14)}`,
  );
  const grown = [];
  for (const [what, value] of Object.entries(late)) {
    const more = value - early[what] > (TOLERANCE[what] ?? 0);
    if (more) grown.push(`${task.name}: ${what}`);
    console.log(
      `${what.padEnd(26)}${written(what, early[what]).padStart(14)}${written(what, value).padStart(14)}${more ? '   GREW' : ''}`,
    );
  }
  return grown;
}

const grown = [];
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.addInitScript(watchMemories);
  await page.goto(address);
  const devtools = await page.context().newCDPSession(page);
  console.log(`One page of ${browserName}.`);
  for (const task of tasks) grown.push(...print(task, await run(page, devtools, task)));
} finally {
  await close();
}
console.log(
  grown.length === 0
    ? '\nNo leaks: nothing grew after the tenth round.'
    : `\nLEAKS: ${grown.join('; ')}.`,
);
process.exitCode = grown.length === 0 ? 0 : 1;
