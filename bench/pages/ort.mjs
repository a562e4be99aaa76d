/** onnxruntime-web on WASM or WebGPU, with the network as an ONNX file. */
import { bestOf, expose, readPictures, rowsOf } from './side.mjs';

let ort;
let pictures;
let mean;
let session;

/** Returns `[count, 3, 227, 227]`: pixels minus the mean. */
function prepare(some) {
  const [{ width, height }] = some;
  const plane = width * height;
  const values = new Float32Array(some.length * 3 * plane);
  some.forEach(({ data }, picture) => {
    for (let channel = 0; channel < 3; channel++) {
      const to = (picture * 3 + channel) * plane;
      for (let i = 0; i < plane; i++) values[to + i] = data[4 * i + channel] - mean[channel];
    }
  });
  return new ort.Tensor('float32', values, [some.length, 3, height, width]);
}

async function scoresOf(x) {
  const [[input], [output]] = [session.inputNames, session.outputNames];
  return (await session.run({ [input]: x }, [output]))[output].getData();
}

expose({
  async open({ backend, threads, count, model, preprocessing }) {
    const ready = {};
    ort =
      backend === 'webgpu'
        ? await import('onnxruntime-web/webgpu')
        : await import('onnxruntime-web/wasm');
    ort.env.wasm.wasmPaths = '/node_modules/onnxruntime-web/dist/';
    ort.env.wasm.numThreads = threads;
    mean = preprocessing.mean;
    const download = async () => {
      const bytes = await (await fetch(`/bench/.cache/${model}`)).arrayBuffer();
      ready.fetch = performance.now();
      return ort.InferenceSession.create(new Uint8Array(bytes), { executionProviders: [backend] });
    };
    [pictures, session] = await Promise.all([readPictures(count), download()]);
    ready.upload = performance.now();
    return { backend, threads: ort.env.wasm.numThreads, ready };
  },

  /** `call`: from pictures to the top 5 classes. `forward`: from the input tensor to the scores. */
  async round(count) {
    const some = pictures.slice(0, count);
    const begin = performance.now();
    const x = prepare(some);
    const prepared = performance.now();
    const scores = await scoresOf(x);
    const scored = performance.now();
    bestOf(rowsOf(scores, count));
    const end = performance.now();
    return { call: end - begin, forward: scored - prepared, end };
  },

  async scores(count) {
    return rowsOf(await scoresOf(prepare(pictures.slice(0, count))), count);
  },
});
