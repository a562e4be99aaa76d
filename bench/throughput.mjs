/** How many pictures of a folder alexnet-ts classifies a second, and how time grows with the batch and with the picture. */
import { readdirSync } from 'node:fs';
import { openBrowser, openSide } from './browser.mjs';
import { serveBench } from './server.mjs';
import { spread } from './statistics.mjs';

const FOLDER = new URL('../examples/things/pictures/', import.meta.url);
const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const SIZES = [64, 256, 1024, 4096];

/** The addresses of `count` encoded pictures, those of the folder over and over. */
function addresses(count) {
  const files = readdirSync(FOLDER, { recursive: true })
    .filter((file) => file.endsWith('.jpg'))
    .map((file) => `/examples/things/pictures/${file.replaceAll('\\', '/')}`);
  return Array.from({ length: count }, (_, i) => files[i % files.length]);
}

/** @param {number} count pictures in the folder */
export async function throughput({ files, rounds, count, say }) {
  const server = await serveBench({ files });
  const browser = await openBrowser();
  const wanted = Math.max(2, Math.round(rounds / 5));
  try {
    const side = await openSide(browser, server.address, 'alexnet-ts', { backend: 'wasm', threads: 1, count: Math.max(...BATCHES) });
    const batches = Object.fromEntries(BATCHES.map((batch) => [batch, []]));
    const sizes = Object.fromEntries(SIZES.map((size) => [size, []]));
    for (let round = -1; round < wanted; round++) {
      say(`throughput: batches and sizes, ${round < 0 ? 'warming up' : `round ${round + 1} of ${wanted}`}`);
      for (const batch of BATCHES) {
        const { call } = await side.round(batch);
        if (round >= 0) batches[batch].push(call / batch);
      }
      for (const size of SIZES) {
        const time = await side.call('sized', size);
        if (round >= 0) sizes[size].push(time);
      }
    }
    say(`throughput: a folder of ${count} pictures`);
    const milliseconds = await side.call('folder', addresses(count), 16);
    const spreads = (lists) => Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, spread(list)]));
    return {
      rounds: wanted,
      folder: { pictures: count, batch: 16, perSecond: (1000 * count) / milliseconds },
      perPictureByBatch: spreads(batches),
      bySize: spreads(sizes),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}
