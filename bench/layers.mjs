/** `npm run bench -- --layers`: the time of each layer, and the limits of this machine. */
import { build } from 'esbuild';
import { compile, relaxed } from '../build/assembly.mjs';
import { benchFiles, openBrowser } from './browser.mjs';
import { serveBench } from './server.mjs';

const PRECISIONS = ['float32', 'int8'];

async function pageFiles() {
  const { outputFiles } = await build({
    entryPoints: [new URL('layersPage.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    define: { 'import.meta.url': 'location.href' },
    logLevel: 'error',
  });
  return {
    '/bench/layers.html': '<!doctype html><meta charset="utf-8"><script src="/layers.js"></script>',
    '/layers.js': outputFiles[0].text,
  };
}

/**
 * Returns the times of each layer in both precisions, and the limits of the machine.
 *
 * @param {{ rounds: number, rest: number, quantize?: string }} options rest: milliseconds before
 *   each round; quantize: the type of a converted set, instead of the shipped one
 */
async function measure({ rounds, rest, quantize }) {
  // Isolated, because the clock of other pages has a resolution of 0.1 ms only.
  const files = { ...(await benchFiles()), ...(await pageFiles()) };
  const server = await serveBench({ files, isolated: true });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.address}/bench/layers.html`);
    const binary = (await compile('limits.ts', ...relaxed)).toString('base64');
    const limits = await page.evaluate((text) => globalThis.layers.limits(text), binary);
    const set = quantize ? { quantize } : { address: `${server.address}/bench/set/model.json` };
    const times = {};
    for (const precision of PRECISIONS)
      times[precision] = await page.evaluate(
        (options) => globalThis.layers.timeLayers(...options),
        [set, precision, rounds, rest],
      );
    return { limits, times };
  } finally {
    await browser.close();
    await server.close();
  }
}

const columns = (cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(9) : cell.padStart(9)));

/** Prints a table for each precision. */
export async function printLayers(options) {
  const { limits, times } = await measure(options);
  const rate = (amount, ms) => (amount / ms / 1e6).toFixed(1);
  for (const precision of PRECISIONS) {
    console.log(`\n${precision}, one thread, batch 1, medians of ${options.rounds} rounds`);
    console.log(columns(['', 'ms', 'GMAC/s', 'GB/s', '8 images']).join(''));
    for (const { name, milliseconds, batchMilliseconds, work, bytes } of times[precision]) {
      const macs = work === 0 ? '' : rate(work, milliseconds);
      const batch = batchMilliseconds?.toFixed(2) ?? '';
      const cells = [name, milliseconds.toFixed(2), macs, rate(bytes, milliseconds), batch];
      console.log(columns(cells).join(''));
    }
    const total = times[precision].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    console.log(columns(['total', total.toFixed(2)]).join(''));
  }
  console.log(
    `\nlimits: ${limits.dot.toFixed(1)} GMAC/s in 8 bits, ${limits.madd.toFixed(1)} in float32, ` +
      `${limits.stream.toFixed(1)} GB/s read from memory. For float32 convolutions of 3 x 3 and 5 x 5,\n` +
      "Winograd's algorithm needs only a quarter and a sixth of the products that GMAC/s counts.",
  );
}
