/** alexnet-ts through its public API: `load()`, then `classify()` of decoded pictures. */
import { load } from 'alexnet-ts';
import { expose, readPictures } from './side.mjs';

let model;
let pictures;

expose({
  /**
   * `weights`: the shipped shards with a manifest that does not resize, as for the other libraries.
   * `stream`: requests pool5 features as soon as possible.
   */
  async open({ backend, threads, count, weights, precision, stream = false }) {
    const ready = {};
    if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu'); // by the app
    const onProgress = ({ phase }) => (ready[phase] = performance.now());
    const wasmPaths = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
    [pictures, model] = await Promise.all([
      readPictures(count),
      load({ weights, backend, threads, precision, wasmPaths, onProgress, stream }),
    ]);
    if (stream) {
      await model.embed(pictures[0], { layer: 'pool5' });
      ready.features = performance.now();
    }
    const { threads: started, precision: used } = model;
    return { backend: model.backend, threads: started, precision: used, ready };
  },

  /** `call`: from pictures to the top 5 classes. `forward`: `call` minus `preprocess()`. */
  async round(count) {
    const some = pictures.slice(0, count);
    const begin = performance.now();
    await model.classify(some);
    const middle = performance.now();
    for (const picture of some) await model.preprocess(picture);
    const end = performance.now();
    return { call: middle - begin, forward: middle - begin - (end - middle), end: middle };
  },

  /** Returns log probabilities, which are the scores up to a constant. */
  async scores(count) {
    const answers = await model.classify(pictures.slice(0, count), { topK: model.labels.length });
    return answers.map((answer) =>
      answer.sort((a, b) => a.index - b.index).map(({ probability }) => Math.log(probability)),
    );
  },

  /** Times `classify()` on encoded pictures by URL, `batch` at a time. */
  async folder(urls, batch) {
    const blobs = await Promise.all(urls.map(async (url) => (await fetch(url)).blob()));
    const begin = performance.now();
    for (let at = 0; at < blobs.length; at += batch)
      await model.classify(blobs.slice(at, at + batch));
    return performance.now() - begin;
  },

  /** Times `classify()` on a decoded picture of `size` × `size` pixels. */
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
