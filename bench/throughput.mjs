/** throughput: pictures per second, and time by batch size, picture size and input size. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load, paperAlexNet } from 'alexnet-ts';
import { encode, encodeInt8, writeSet } from 'alexnet-ts/convert';
import { sequential } from 'alexnet-ts/layers';
import { openBrowser, openSide } from './browser.mjs';
import { SET } from './peerFiles.mjs';
import { serveBench } from './server.mjs';
import { spread } from './statistics.mjs';

const FOLDER = new URL('../examples/things/pictures/', import.meta.url);
const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const SIZES = [64, 256, 1024, 4096];
/** Input sizes in pixels for which the windows of every layer end at the edge. */
const INPUTS = [131, 163, 195, 227];
const FOLDER_BATCH = 16;

/** Returns the URLs of `count` pictures, repeating those of the folder. */
function pictureUrls(count) {
  const files = readdirSync(FOLDER, { recursive: true })
    .filter((file) => file.endsWith('.jpg'))
    .map((file) => `/examples/things/pictures/${file.replaceAll('\\', '/')}`);
  return Array.from({ length: count }, (_, i) => files[i % files.length]);
}

/** Runs `work` for each item, one after the other. */
async function mapSequentially(list, work) {
  const results = [];
  for (const each of list) results.push(await work(each));
  return results;
}

/** Returns weights files of the paper's network with random 8-bit weights for `side` pixels. */
async function randomSet(side) {
  const net = sequential(paperAlexNet(200).layers, { inputShape: [side, side, 3] });
  const tensors = Object.entries(net.params()).map(([name, { shape }]) => {
    const count = shape.reduce((a, b) => a * b);
    if (shape.length === 1) return encode(name, shape, new Float32Array(count), 'float32');
    const codes = new Int8Array(count).map(() => 256 * Math.random() - 128);
    return encodeInt8(
      name,
      shape,
      codes,
      new Float32Array(shape.at(-1)).fill(1 / Math.sqrt((5000 * count) / shape.at(-1))),
    );
  });
  const labels = Array.from({ length: 200 }, (_, i) => ({ label: `class ${i}`, id: `class ${i}` }));
  const preprocessing = { resize: side, crop: side, inputSize: side, mean: [124, 116, 104] };
  const facts = {
    name: `random-${side}`,
    variant: 'random',
    network: net.toJSON(),
    labels,
    preprocessing,
  };
  const { manifest, shards } = await writeSet(facts, tensors.flat(), { compress: false });
  const entries = [['model.json', JSON.stringify(manifest)], ...shards];
  return Object.fromEntries(
    entries.map(([path, bytes]) => [`/bench/random-${side}/${path}`, bytes]),
  );
}

/** Measures pictures per second in Node, by path, on one thread. */
async function throughputInNode(count) {
  const model = await load({ weights: new URL('model.json', SET).href, backend: 'wasm' });
  const paths = pictureUrls(count).map((url) =>
    fileURLToPath(new URL(`..${url}`, import.meta.url)),
  );
  await model.classify(paths.slice(0, FOLDER_BATCH));
  const begin = performance.now();
  for (let at = 0; at < count; at += FOLDER_BATCH)
    await model.classify(paths.slice(at, at + FOLDER_BATCH));
  const milliseconds = performance.now() - begin;
  model.dispose();
  return (1000 * count) / milliseconds;
}

/** @param {{ count: number }} options count: number of pictures to classify */
export async function throughput({ files, rounds, count, say }) {
  say('throughput: networks with random weights');
  const sets = await Promise.all(INPUTS.map(randomSet));
  const server = await serveBench({ files: Object.assign({}, files, ...sets) });
  const browser = await openBrowser();
  const wanted = Math.max(2, Math.round(rounds / 5));
  try {
    const side = await openSide(browser, server.address, 'alexnet-ts', {
      backend: 'wasm',
      threads: 1,
      count: Math.max(...BATCHES),
    });
    const open = (input) =>
      openSide(browser, server.address, 'alexnet-ts', {
        backend: 'wasm',
        threads: 1,
        count: 1,
        weights: `/bench/random-${input}/model.json`,
      });
    const networks = Object.fromEntries(
      await mapSequentially(INPUTS, async (input) => [input, await open(input)]),
    );
    const inputs = Object.fromEntries(INPUTS.map((input) => [input, []]));
    const batches = Object.fromEntries(BATCHES.map((batch) => [batch, []]));
    const sizes = Object.fromEntries(SIZES.map((size) => [size, []]));
    for (let round = -1; round < wanted; round++) {
      say(
        `throughput: batches and sizes, ${round < 0 ? 'warming up' : `round ${round + 1} of ${wanted}`}`,
      );
      for (const batch of BATCHES) {
        const { call } = await side.round(batch);
        if (round >= 0) batches[batch].push(call / batch);
      }
      for (const size of SIZES) {
        const time = await side.call('sized', size);
        if (round >= 0) sizes[size].push(time);
      }
      for (const input of INPUTS) {
        const { call } = await networks[input].round(1);
        if (round >= 0) inputs[input].push(call);
      }
    }
    say(`throughput: a folder of ${count} pictures`);
    const milliseconds = await side.call('folder', pictureUrls(count), FOLDER_BATCH);
    say(`throughput: the same in Node`);
    const node = await throughputInNode(count);
    const spreads = (lists) =>
      Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, spread(list)]));
    return {
      rounds: wanted,
      folder: {
        pictures: count,
        batch: FOLDER_BATCH,
        perSecond: (1000 * count) / milliseconds,
        perSecondInNode: node,
      },
      perPictureByBatch: spreads(batches),
      bySize: spreads(sizes),
      byInput: spreads(inputs),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}
