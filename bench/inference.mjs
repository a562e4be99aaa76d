/** inference: times classification, alternating between the libraries, so that load affects all. */
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser, openSide } from './browser.mjs';
import { serveBench } from './server.mjs';
import { difference, spread } from './statistics.mjs';

/** Tolerance between float32 results, relative to the largest score. */
export const EQUAL = 1e-4;

/**
 * Pause in ms between an unmeasured call and the measured one, as in an app. Spinning threads of
 * other libraries go to sleep in that time.
 */
const PAUSE = 100;

/**
 * The measurements. `share` is the share of the requested rounds; `optIn` cases run only when named
 * in `--only`. onnxruntime-web is not measured
 * on WebGL: its backend supports no dynamic batch, and takes three times as long as TensorFlow.js.
 */
export const CASES = {
  'wasm-1t': {
    backend: 'wasm',
    threads: 1,
    batches: [1, 8],
    sides: ['alexnet-ts', 'alexnet-ts float32', 'tfjs', 'ort float32', 'ort int8'],
    share: 1,
  },
  'wasm-2t': {
    backend: 'wasm',
    threads: 2,
    batches: [1],
    sides: ['alexnet-ts', 'alexnet-ts float32', 'tfjs', 'ort float32', 'ort int8'],
    share: 1,
  },
  webgl: { backend: 'webgl', batches: [1], sides: ['alexnet-ts', 'tfjs'], share: 0.25 },
  'webgl-b8': { backend: 'webgl', batches: [8], sides: ['alexnet-ts', 'tfjs'], share: 0.1 },
  /** Caffe's network with random weights, converted to uint8: 61 million weights, none pruned. */
  converted: {
    backend: 'wasm',
    threads: 1,
    batches: [1, 8],
    sides: ['converted', 'converted int8', 'ort converted int8'],
    share: 0.5,
    optIn: true,
  },
  /** Most machines have no WebGPU. */
  webgpu: {
    backend: 'webgpu',
    batches: [1, 8],
    sides: ['alexnet-ts webgl', 'alexnet-ts', 'tfjs', 'ort float32'],
    share: 0.25,
    optIn: true,
  },
};

/** The cases that run by default. */
export const DEFAULT_CASES = Object.keys(CASES).filter((key) => !CASES[key].optIn);

/** Tolerance for 8-bit convolutions, relative to the largest score. */
const NEAR = 0.05;

/**
 * Throws if results differ by more than the tolerance. `inexact` exempts alexnet-ts, whose accuracy
 * is measured; `int8` names the sides that compute in 8 bits.
 */
function compareScores(scores, inexact, int8) {
  const equal = {};
  // Random weights give probabilities of 0, whose logarithms cannot be compared.
  if (!('tfjs' in scores)) return equal;
  for (const [name, theirs] of Object.entries(scores)) {
    if (name === 'tfjs') continue;
    equal[name] = difference(scores.tfjs, theirs);
    const exempt = /^ort.*int8$/.test(name) || (name.startsWith('alexnet-ts') && inexact);
    if (!exempt && !(equal[name].relative < (int8.includes(name) ? NEAR : EQUAL))) {
      throw new Error(
        `bench: ${name} and tfjs differ by ${equal[name].relative.toExponential(1)} of the largest score.`,
      );
    }
  }
  return equal;
}

/**
 * @param {keyof typeof CASES} key
 * @param {object} options
 * @param {Record<string, Uint8Array | string>} options.files
 * @param {number} options.rounds
 * @param {boolean} options.int8 whether there is an int8 file
 * @param {boolean} options.gpu
 * @param {boolean} options.inexact
 * @param {(text: string) => void} options.say
 */
export async function inference(key, { files, rounds, int8, gpu, inexact, say }) {
  const { batches, sides: all, share } = CASES[key];
  const names = all.filter((name) => int8 || !/^ort.*int8$/.test(name));
  const wanted = Math.max(2, Math.round(rounds * share));
  const times = Object.fromEntries(
    batches.map((batch) => [batch, Object.fromEntries(names.map((name) => [name, []]))]),
  );
  const options = { files, gpu, inexact, say, times };
  const facts = await measure(key, names, { ...options, rounds: Math.ceil(wanted / 2) });
  await measure(key, names.toReversed(), { ...options, rounds: Math.floor(wanted / 2) });
  const summary = (list) => ({
    call: spread(list.map(({ call }) => call)),
    forward: spread(list.map(({ forward }) => forward)),
  });
  return {
    rounds: wanted,
    ...facts,
    batches: Object.fromEntries(
      Object.entries(times).map(([batch, by]) => [
        batch,
        Object.fromEntries(Object.entries(by).map(([name, list]) => [name, summary(list)])),
      ]),
    ),
  };
}

/**
 * Opens pages in the order of `names` and adds the times of `rounds` to `times`. Returns what is
 * known of the sides. The page that is opened first is up to 15 % slower, so `inference` measures
 * half of the rounds in reverse order.
 */
async function measure(key, names, { files, rounds, gpu, inexact, say, times }) {
  const { backend, threads, batches } = CASES[key];
  const server = await serveBench({ files, isolated: threads > 1 });
  const browser = await openBrowser({ gpu });
  try {
    const sides = [];
    for (const name of names) {
      say(`${key}: loading ${name}`);
      sides.push(
        await openSide(browser, server.address, name, {
          backend,
          threads,
          count: Math.max(...batches),
        }),
      );
    }
    const scores = {};
    for (const side of sides) scores[side.name] = await side.scores(batches[0]);
    const inInt8 = sides.filter(({ facts }) => facts.precision === 'int8').map(({ name }) => name);
    const equal = compareScores(scores, inexact, inInt8);
    for (let round = -1; round < rounds; round++) {
      say(round < 0 ? `${key}: warming up` : `${key}: round ${round + 1} of ${rounds}`);
      for (const batch of batches) {
        for (const side of shuffled(sides)) {
          await side.round(batch);
          await pause(PAUSE);
          const time = await side.round(batch);
          if (round >= 0) times[batch][side.name].push(time); // the first round is a warm-up
        }
      }
    }
    return {
      precision: sides[0].facts.precision,
      threads: Object.fromEntries(sides.map(({ name, facts }) => [name, facts.threads ?? 1])),
      ...(backend.startsWith('webg') && { renderer: await sides[0].evaluate(rendererName) }),
      equal,
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Random order, so that no library always follows the same one. */
const shuffled = (sides) =>
  sides
    .map((side) => [Math.random(), side])
    .sort(([a], [b]) => a - b)
    .map(([, side]) => side);

/** Runs in the page: returns the WebGL renderer. */
export function rendererName() {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  return gl?.getParameter(
    gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER,
  );
}
