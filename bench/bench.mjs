/** `npm run bench`: alexnet-ts against TensorFlow.js and onnxruntime-web in a headless browser, side by side in one run. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchFiles, openBrowser, setBytes } from './browser.mjs';
import { coldStart } from './coldStart.mjs';
import { CASES, EQUAL, inference } from './inference.mjs';
import { peerFiles, uint8Bytes } from './peerFiles.mjs';
import { updateFigures } from '../build/figures.mjs';
import { ratiosOf, spreads, table } from './report.mjs';
import { throughput } from './throughput.mjs';

const PARTS = [...Object.keys(CASES), 'cold', 'throughput', 'training'];

const USAGE = `npm run bench -- [options]

  --rounds <n>      of inference on WASM; slower parts take a share of them (default 20)
  --only <parts>    ${PARTS.join(', ')} (commas; default all)
                    what is left out keeps its results of an earlier run on the same machine
                    cold: first answer over 50 Mbit/s, ours streamed and on WebGL too, and the most memory of the page
  --quick           3 rounds, 40 pictures, without training and WebGL
  --count <n>       pictures of the folder that throughput classifies, here and in Node (default 1000)
  --python <path>   a Python with onnxruntime: makes the int8 file of onnxruntime-web (kept in bench/.cache); with torch: trains beside us
  --gpu             WebGL on the machine's own GPU, not on SwiftShader
  --top1-drop <n>   points of top-1 that ours loses, by \`alexnet evaluate\`; without it ours must be exact, which loses none
  --write           writes the tables into README.md and docs/performance.md
  --help

Prints ratios, ours divided by theirs: of the milliseconds from decoded pictures to the five best classes ("call"). Everything goes to bench/results.json,
the milliseconds from the network's input to its scores ("forward") too; for ours they are the call's less those of preprocess().`;

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    count: { type: 'string' },
    python: { type: 'string' },
    gpu: { type: 'boolean', default: false },
    'top1-drop': { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (given.help) {
  console.log(USAGE);
  process.exit(0);
}

/** A whole number of an option, from 1. */
function whole(name, otherwise) {
  const value = Number(given[name] ?? otherwise);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: is a whole number from 1, got ${given[name]}.`);
  return value;
}
const rounds = whole('rounds', given.quick ? 3 : 20);
const count = whole('count', given.quick ? 40 : 1000);
const quick = PARTS.filter((part) => part !== 'training' && !part.startsWith('webgl'));
const parts = given.only?.split(',') ?? (given.quick ? quick : PARTS);
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined)
  throw new Error(`--only: there is no part ${unknown}. There are ${PARTS.join(', ')}.`);
const drop = given['top1-drop'] === undefined ? undefined : Number(given['top1-drop']);
if (Number.isNaN(drop))
  throw new Error(`--top1-drop: is a number of points, got ${given['top1-drop']}.`);

const say = (text) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
const RESULTS = new URL('results.json', import.meta.url);

async function machineHere() {
  const browser = await openBrowser();
  await browser.close();
  return {
    cores: os.cpus().length,
    cpu: os.cpus()[0].model,
    memory: os.totalmem(),
    browser: browser.program,
    system: `${os.type()} ${os.arch()}`,
  };
}

/** Steps of training, by bench/training.mjs. */
async function training() {
  const script = fileURLToPath(new URL('training.mjs', import.meta.url));
  const options = ['--only', 'head,all', '--rounds', String(Math.max(2, Math.round(rounds / 5)))];
  const { status } = spawnSync(
    process.execPath,
    [script, ...options, ...(given.python ? ['--python', given.python] : [])],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (status !== 0) throw new Error('bench: bench/training.mjs failed.');
  const { ratios, rows, batch } = JSON.parse(
    await readFile(new URL('training.json', import.meta.url), 'utf8'),
  );
  return {
    batch,
    ratios,
    rows: rows.map(({ what, milliseconds, heap }) => ({ what, milliseconds, heap })),
  };
}

say('making the files of the peers');
const { int8 } = await peerFiles(given.python);
const files = await benchFiles();
const machine = await machineHere();
const earlier = await readFile(RESULTS, 'utf8').then(JSON.parse, () => ({}));
const same = JSON.stringify(earlier.machine) === JSON.stringify(machine);
const results = same ? earlier : {};
const measured = new Date().toISOString().slice(0, 10);

for (const part of parts) {
  const options = { files, rounds, int8, gpu: given.gpu, inexact: drop !== undefined, count, say };
  if (part in CASES)
    results.inference = {
      ...results.inference,
      [part]: { measured, ...(await inference(part, options)) },
    };
  else if (part === 'cold') results.cold = { measured, ...(await coldStart(options)) };
  else if (part === 'throughput') results.throughput = { measured, ...(await throughput(options)) };
  else {
    say('training');
    results.training = { measured, ...(await training()) };
  }
}
say('');

const compared = Object.values(results.inference ?? {});
const exact =
  compared.length > 0 && compared.every(({ equal }) => equal['alexnet-ts'].relative < EQUAL);
const all = {
  ratios: {},
  measured,
  machine,
  bytes: { ours: setBytes(), uint8: uint8Bytes() },
  top1Drop: drop ?? (exact ? 0 : undefined),
  inference: results.inference,
  cold: results.cold,
  throughput: results.throughput,
  training: results.training,
};
all.ratios = ratiosOf(all);

console.log('ours / theirs');
for (const [name, value] of Object.entries(all.ratios))
  console.log(`  ${name.padEnd(22)}${value.toFixed(3).padStart(7)}`);
console.log(`\n${spreads(all).join('\n')}\n\n${table(all)}\n`);
if (!int8)
  console.log(
    'onnxruntime-web ran in float32 only: --python makes its int8 file, which may be the faster one.',
  );
await writeFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
if (given.write) await updateFigures();
