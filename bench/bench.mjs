/** `npm run bench`: compares alexnet-ts with TensorFlow.js and onnxruntime-web in a browser. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { updateFigures } from '../build/figures.mjs';
import { benchFiles, openBrowser, setBytes } from './browser.mjs';
import { coldStart } from './coldStart.mjs';
import { CASES, DEFAULT_CASES, EQUAL, inference } from './inference.mjs';
import { convertedFiles, peerFiles, uint8Bytes } from './peerFiles.mjs';
import { ratiosOf, spreads, table } from './report.mjs';
import { throughput } from './throughput.mjs';

const OTHER_PARTS = ['cold', 'throughput', 'training'];
const PARTS = [...Object.keys(CASES), ...OTHER_PARTS];
const DEFAULT_PARTS = [...DEFAULT_CASES, ...OTHER_PARTS];

const USAGE = `npm run bench -- [options]

  --rounds <n>      rounds of inference on WASM; slower parts run fewer (default 20)
  --only <parts>    ${PARTS.join(', ')} (separated by commas;
                    default all but converted and webgpu)
                    other parts keep their results from the same machine
                    converted: Caffe's network with random weights in uint8, none of them pruned
                    (needs --python the first time)
                    cold: time to the first prediction over 50 Mbit/s, and peak memory
  --layers          print only the time of each layer and the limits of this machine
  --converted <t>   with --layers: use torchvision's network with random weights, converted to
                    uint8 or uint4
  --rest <ms>       with --layers: rest before each round; caches are cold afterwards (default 0)
  --quick           3 rounds, 40 pictures, without training and WebGL
  --count <n>       pictures to classify for throughput (default 1000)
  --python <path>   a Python with onnxruntime (creates the int8 model for onnxruntime-web in
                    bench/.cache) and torch (for training)
  --gpu             use the machine's GPU instead of SwiftShader; ALEXNET_GPU selects the driver
                    (vulkan, gl)
  --top1-drop <n>   loss of top-1 accuracy in points, measured with \`alexnet evaluate\`;
                    without it, scores must match exactly
  --write           write the tables into README.md and docs/performance.md
  --help            print this text

Prints ratios of alexnet-ts to the others for "call": from decoded pictures to the top 5 classes.
bench/results.json also has "forward": from the network's input to its scores (for alexnet-ts, "call"
minus preprocess()).`;

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    count: { type: 'string' },
    python: { type: 'string' },
    layers: { type: 'boolean', default: false },
    converted: { type: 'string' },
    rest: { type: 'string', default: '0' },
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

/** Returns an option that must be a positive integer. */
function positiveInteger(name, defaultValue) {
  const value = Number(given[name] ?? defaultValue);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a positive integer, got ${given[name]}.`);
  return value;
}
const rounds = positiveInteger('rounds', given.quick ? 3 : 20);
const count = positiveInteger('count', given.quick ? 40 : 1000);
const quick = DEFAULT_PARTS.filter((part) => part !== 'training' && !part.startsWith('webgl'));
const parts = given.only?.split(',') ?? (given.quick ? quick : DEFAULT_PARTS);
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined)
  throw new Error(`--only: unknown part ${unknown}. Parts: ${PARTS.join(', ')}.`);
const drop = given['top1-drop'] === undefined ? undefined : Number(given['top1-drop']);
if (Number.isNaN(drop)) throw new Error(`--top1-drop must be a number, got ${given['top1-drop']}.`);

if (![undefined, 'uint8', 'uint4'].includes(given.converted))
  throw new Error(`--converted must be uint8 or uint4, got ${given.converted}.`);
if (given.layers) {
  const rest = Number(given.rest);
  if (!(rest >= 0)) throw new Error(`--rest must be a number of milliseconds, got ${given.rest}.`);
  await (await import('./layers.mjs')).printLayers({ rounds, rest, quantize: given.converted });
  process.exit(0);
}

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

/** Runs bench/training.mjs. */
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

say('creating model files for the other libraries');
const { int8 } = await peerFiles(given.python);
if (parts.includes('converted')) await convertedFiles(given.python);
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

const compared = Object.values(results.inference ?? {}).flatMap(
  ({ equal }) => equal['alexnet-ts'] ?? [],
);
const exact = compared.length > 0 && compared.every(({ relative }) => relative < EQUAL);
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

console.log('alexnet-ts / other');
for (const [name, value] of Object.entries(all.ratios))
  console.log(`  ${name.padEnd(22)}${value.toFixed(3).padStart(7)}`);
console.log(`\n${spreads(all).join('\n')}\n\n${table(all)}\n`);
if (!int8)
  console.log(
    'onnxruntime-web ran in float32 only. Pass --python to create its int8 model, which may be faster.',
  );
await writeFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
if (given.write) await updateFigures();
