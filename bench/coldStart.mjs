/** coldStart: first visits over a slow connection: time of each step, and peak memory. */
import { openBrowser, openSide, peakMemory } from './browser.mjs';
import { serveBench } from './server.mjs';
import { spread } from './statistics.mjs';

export const MEGABITS = 50;

/** The library and options of each visit. `stream` requests pool5 features before classes. */
const VISITS = {
  'alexnet-ts': { side: 'alexnet-ts' },
  'alexnet-ts streamed': { side: 'alexnet-ts', stream: true },
  'alexnet-ts webgl': { side: 'alexnet-ts', backend: 'webgl' },
  'alexnet-ts webgl streamed': { side: 'alexnet-ts', backend: 'webgl', stream: true },
  'tfjs uint8': { side: 'tfjs uint8' },
  'ort int8': { side: 'ort int8' },
};

/** Measures a visit: milliseconds from navigation to each step, followed by `more` calls. */
export async function visit(
  { side: wanted, backend = 'wasm', stream = false },
  { files, gpu = false, more = 5 },
) {
  const server = await serveBench({ files, megabits: MEGABITS });
  const browser = await openBrowser({ gpu: gpu && backend === 'webgl' });
  try {
    const side = await openSide(browser, server.address, wanted, {
      backend,
      threads: 1,
      count: 1,
      stream,
    });
    const { end } = await side.round(1);
    const bytes = server.sent();
    for (let i = 0; i < more; i++) await side.round(1);
    const { fetch, decode, upload, features } = side.facts.ready;
    const optional = { ...(decode && { decode }), ...(features && { features }) };
    return {
      scripts: side.started,
      fetch,
      ...optional,
      upload,
      answer: end,
      bytes,
      memory: await peakMemory(browser),
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @returns median and spread of each step, of bytes transferred, and of memory, by visit */
export async function coldStart({ files, rounds, int8, gpu, say }) {
  const names = Object.keys(VISITS).filter((name) => int8 || name !== 'ort int8');
  const wanted = Math.max(2, Math.round(rounds / 5));
  const visits = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < wanted; round++) {
    for (const name of names) {
      say(`cold: ${name}, visit ${round + 1} of ${wanted}`);
      visits[name].push(await visit(VISITS[name], { files, gpu }));
    }
  }
  const summary = (list) =>
    Object.fromEntries(
      Object.keys(list[0])
        .filter((key) => list[0][key] !== undefined)
        .map((key) => [key, spread(list.map((one) => one[key]))]),
    );
  return {
    rounds: wanted,
    megabits: MEGABITS,
    sides: Object.fromEntries(names.map((name) => [name, summary(visits[name])])),
  };
}
