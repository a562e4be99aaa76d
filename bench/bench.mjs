/** `npm run bench`: the paper's network here against the obvious TensorFlow.js program, same weights, interleaved, on WASM in Node. */
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { paperAlexNet } from 'alexnet-ts';
import { initialise } from 'alexnet-ts/layers';

const USAGE = `npm run bench -- [--rounds 20] [--batch 1]

Prints medians, their spread, and the ratio of ours to the peer's; writes bench/results.json.`;

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
if (process.argv.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
const rounds = option('--rounds', 20);
const batch = option('--batch', 1);

await tf.setBackend('wasm');
const net = paperAlexNet(1000);
const specs = net.params();
const params = Object.fromEntries(Array.from(initialise(specs, 1), ([name, values]) => [name, tf.tensor(values, specs[name].shape)]));
const ready = { ...params, ...net.constants(params) };
const input = tf.randomUniform([batch, 227, 227, 3], -128, 128, 'float32', 1);

/** The program that one writes first: split, conv2d, concat, localResponseNormalization, matMul. */
function stock(x) {
  const conv = (y, layer, stride, pad, groups = 1) => {
    const filters = tf.split(params[`${layer}/kernel`], groups, 3);
    const outputs = tf.split(y, groups, 3).map((part, i) => tf.conv2d(part, filters[i], stride, pad));
    return tf.relu(tf.add(tf.concat(outputs, 3), params[`${layer}/bias`]));
  };
  const plain = (y, layer, stride, pad) => tf.relu(tf.add(tf.conv2d(y, params[`${layer}/kernel`], stride, pad), params[`${layer}/bias`]));
  const dense = (y, layer) => tf.add(tf.matMul(y, params[`${layer}/kernel`]), params[`${layer}/bias`]);
  const normPool = (y) => tf.maxPool(tf.localResponseNormalization(y, 2, 2, 1e-4, 0.75), 3, 2, 'valid');
  let y = normPool(plain(x, 'conv1', 4, 'valid'));
  y = normPool(conv(y, 'conv2', 1, 'same', 2));
  y = conv(conv(plain(y, 'conv3', 1, 'same'), 'conv4', 1, 'same', 2), 'conv5', 1, 'same', 2);
  y = tf.reshape(tf.maxPool(y, 3, 2, 'valid'), [batch, 9216]);
  return dense(tf.relu(dense(tf.relu(dense(y, 'fc6')), 'fc7')), 'fc8');
}

const sides = { 'alexnet-ts': () => net.apply(input, ready), 'tfjs, the obvious program': () => stock(input) };

async function once(work) {
  const start = performance.now();
  const output = tf.tidy(work);
  const values = await output.data();
  const milliseconds = performance.now() - start;
  output.dispose();
  return { values, milliseconds };
}

const [ours, theirs] = [await once(sides['alexnet-ts']), await once(sides['tfjs, the obvious program'])].map(({ values }) => values);
const largest = theirs.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
const difference = ours.reduce((max, value, i) => Math.max(max, Math.abs(value - theirs[i])), 0) / largest;
if (!(difference < 1e-4)) throw new Error(`The two answer differently: ${difference} of the largest score.`);

const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, work] of Object.entries(sides)) times[name].push((await once(work)).milliseconds);
}
const at = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];
const rows = Object.entries(times).map(([name, all]) => {
  const sorted = [...all].sort((a, b) => a - b);
  return { name, median: at(sorted, 0.5), from: at(sorted, 0.1), to: at(sorted, 0.9) };
});
const ratio = rows[0].median / rows[1].median;
const machine = `${os.cpus().length} x ${os.cpus()[0].model}, Node ${process.versions.node}, WASM on one thread`;

console.log(`The paper's network, batch ${batch}, ${rounds} rounds. ${machine}.`);
console.log(`ours / theirs: ${ratio.toFixed(2)}   (equal answers: ${difference.toExponential(1)} of the largest score)\n`);
for (const { name, median, from, to } of rows) {
  console.log(`${name.padEnd(28)}${median.toFixed(1).padStart(8)} ms   (80 % within ${from.toFixed(1)} to ${to.toFixed(1)})`);
}
await writeFile(
  new URL('results.json', import.meta.url),
  `${JSON.stringify({ machine, batch, rounds, ratio, milliseconds: rows }, null, 2)}\n`,
);
