/** TensorFlow.js with its own ops (split, conv2d, concat, LRN, matMul) in float32. */
import * as tf from '@tensorflow/tfjs-core';
import { bestOf, expose, readPictures, rowsOf } from './side.mjs';

let pictures;
let mean;
let alpha;
/** By name; the kernels of grouped layers as a list of two. */
let params;

const conv = (x, layer, stride, pad) =>
  tf.relu(tf.add(tf.conv2d(x, params[`${layer}/kernel`], stride, pad), params[`${layer}/bias`]));

function grouped(x, layer) {
  const halves = tf
    .split(x, 2, 3)
    .map((half, i) => tf.conv2d(half, params[`${layer}/kernel`][i], 1, 'same'));
  return tf.relu(tf.add(tf.concat(halves, 3), params[`${layer}/bias`]));
}

const normPool = (x) =>
  tf.maxPool(tf.localResponseNormalization(x, 2, 2, alpha, 0.75), 3, 2, 'valid');
const dense = (x, layer) =>
  tf.add(tf.matMul(x, params[`${layer}/kernel`]), params[`${layer}/bias`]);

function network(x) {
  const conv2 = grouped(normPool(conv(x, 'conv1', 4, 'valid')), 'conv2');
  const conv5 = grouped(grouped(conv(normPool(conv2), 'conv3', 1, 'same'), 'conv4'), 'conv5');
  const flat = tf.reshape(tf.maxPool(conv5, 3, 2, 'valid'), [x.shape[0], 9216]);
  return dense(tf.relu(dense(tf.relu(dense(flat, 'fc6')), 'fc7')), 'fc8');
}

const prepare = (some) =>
  tf.tidy(() => tf.sub(tf.stack(some.map((picture) => tf.browser.fromPixels(picture))), mean));

async function scoresOf(x) {
  const scores = tf.tidy(() => network(x));
  const values = await scores.data();
  scores.dispose();
  return values;
}

expose({
  async open({ backend, threads, count, manifest, preprocessing, lrnAlpha }) {
    const ready = {};
    let wasm;
    if (backend === 'webgl') await import('@tensorflow/tfjs-backend-webgl');
    else if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    else {
      wasm = await import('@tensorflow/tfjs-backend-wasm');
      wasm.setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
      wasm.setThreadsCount(threads);
    }
    const groups = await (await fetch(`/bench/.cache/${manifest}`)).json();
    const fetchAll = async (urls) => {
      const answers = await Promise.all(urls.map((url) => fetch(url)));
      const buffers = await Promise.all(answers.map((answer) => answer.arrayBuffer()));
      ready.fetch = performance.now();
      return buffers;
    };
    if (!(await tf.setBackend(backend)))
      throw new Error(`TensorFlow.js could not start ${backend}.`);
    [pictures, params] = await Promise.all([
      readPictures(count),
      tf.io.weightsLoaderFactory(fetchAll)(groups, '/bench/.cache/'), // decodes into tensors
    ]);
    for (const layer of ['conv2', 'conv4', 'conv5']) {
      const whole = params[`${layer}/kernel`];
      params[`${layer}/kernel`] = tf.split(whole, 2, 3);
      whole.dispose();
    }
    ready.upload = performance.now();
    mean = tf.tensor1d(preprocessing.mean);
    alpha = lrnAlpha;
    return { backend: tf.getBackend(), threads: wasm?.getThreadsCount() ?? 1, ready };
  },

  /** `call`: from pictures to the top 5 classes. `forward`: from the input tensor to the scores. */
  async round(count) {
    const some = pictures.slice(0, count);
    const begin = performance.now();
    const x = prepare(some);
    const prepared = performance.now();
    const scores = await scoresOf(x);
    const scored = performance.now();
    x.dispose();
    bestOf(rowsOf(scores, count));
    const end = performance.now();
    return { call: end - begin, forward: scored - prepared, end };
  },

  async scores(count) {
    const x = prepare(pictures.slice(0, count));
    const scores = await scoresOf(x);
    x.dispose();
    return rowsOf(scores, count);
  },
});
