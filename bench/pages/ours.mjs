/** alexnet-ts as a user calls it: `load()`, then `classify()` of decoded pictures. Only what the package exports is used. */
import { load } from 'alexnet-ts';
import { expose, readPictures } from './side.mjs';

let model;
let pictures;

expose({
  /**
   * `weights`: the shipped shards with a manifest that takes pictures of 227 pixels as they are, less the mean, as the peers do.
   * `stream`: pool5 is asked for as soon as it can be.
   */
  async open({ backend, threads, count, weights, stream = false }) {
    const ready = {};
    const onProgress = ({ phase }) => (ready[phase] = performance.now());
    const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
    [pictures, model] = await Promise.all([
      readPictures(count),
      load({ weights, backend, threads, wasmPaths, onProgress, stream }),
    ]);
    if (stream) {
      await model.embed(pictures[0], { layer: 'pool5' });
      ready.features = performance.now();
    }
    return { backend: model.backend, threads: model.threads, ready };
  },

  /** `call`: pictures in, five best classes out. `forward`: that, less what `preprocess()` of the same pictures takes. */
  async round(count) {
    const some = pictures.slice(0, count);
    const begin = performance.now();
    await model.classify(some);
    const middle = performance.now();
    for (const picture of some) await model.preprocess(picture);
    const end = performance.now();
    return { call: middle - begin, forward: middle - begin - (end - middle), end: middle };
  },

  /** The logarithm of every class's probability: its score but for a constant, by the very call that is timed. */
  async scores(count) {
    const answers = await model.classify(pictures.slice(0, count), { topK: model.labels.length });
    return answers.map((answer) =>
      answer.sort((a, b) => a.index - b.index).map(({ probability }) => Math.log(probability)),
    );
  },

  /** Milliseconds of `classify()` on the addresses of encoded pictures, `batch` at a time. */
  async folder(addresses, batch) {
    const blobs = await Promise.all(
      addresses.map(async (address) => (await fetch(address)).blob()),
    );
    const begin = performance.now();
    for (let at = 0; at < blobs.length; at += batch)
      await model.classify(blobs.slice(at, at + batch));
    return performance.now() - begin;
  },

  /** Milliseconds of `classify()` on a decoded picture of `size` × `size`. */
  async sized(size) {
    const picture = new ImageData(
      Uint8ClampedArray.from({ length: 4 * size * size }, (_, i) => (i % 4 === 3 ? 255 : i % 251)),
      size,
      size,
    );
    const begin = performance.now();
    await model.classify(picture);
    return performance.now() - begin;
  },
});
