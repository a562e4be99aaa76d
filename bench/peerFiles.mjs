/** peerFiles: the shipped weights for TensorFlow.js (float32, uint8) and onnxruntime-web (ONNX). */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'alexnet-ts';
import { exportModel } from 'alexnet-ts/convert';
import { build } from 'esbuild';

export const SET = new URL('../weights/imagenet-293/', import.meta.url);
const CACHE = new URL('.cache/', import.meta.url);
// In bytes: makes four shards, which TensorFlow.js fetches in parallel.
const UINT8_SHARD = 16 * 2 ** 20;

/** Returns every tensor of the shipped weights as float32. */
async function tensorsOf() {
  const model = await load({ backend: 'cpu' });
  const folder = new URL('saved/', CACHE);
  await model.save(folder, { whole: true });
  model.dispose();
  const { weightsManifest } = JSON.parse(await readFile(new URL('model.json', folder), 'utf8'));
  const [{ paths, weights }] = weightsManifest;
  const bytes = Buffer.concat(
    await Promise.all(paths.map((path) => readFile(new URL(path, folder)))),
  );
  await rm(folder, { recursive: true });
  const tensors = {};
  let at = bytes.byteOffset;
  for (const { name, shape } of weights) {
    const length = shape.reduce((a, b) => a * b);
    tensors[name] = { shape, values: new Float32Array(bytes.buffer, at, length) };
    at += 4 * length;
  }
  return { bytes, weights, tensors };
}

/** Quantizes like TensorFlow.js' converter: a scale and a minimum per tensor; not vectors. */
function toUint8({ shape, values }) {
  if (shape.length < 2)
    return { bytes: Buffer.from(values.buffer, values.byteOffset, values.byteLength) };
  const [min, max] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [0, 0],
  );
  const scale = (max - min) / 255;
  return {
    bytes: Buffer.from(Uint8Array.from(values, (value) => Math.round((value - min) / scale))),
    quantization: { dtype: 'uint8', min, scale },
  };
}

async function writeFiles() {
  const { bytes, weights, tensors } = await tensorsOf();
  await writeFile(new URL('float32.bin', CACHE), bytes);
  await writeFile(
    new URL('float32.json', CACHE),
    JSON.stringify([{ paths: ['float32.bin'], weights }]),
  );
  const quantized = weights.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'float32',
    ...toUint8(tensors[name]),
  }));
  const whole = Buffer.concat(quantized.map((entry) => entry.bytes));
  const paths = Array.from(
    { length: Math.ceil(whole.length / UINT8_SHARD) },
    (_, i) => `uint8-${i + 1}.bin`,
  );
  for (const [i, path] of paths.entries()) {
    await writeFile(new URL(path, CACHE), whole.subarray(i * UINT8_SHARD, (i + 1) * UINT8_SHARD));
  }
  const entries = quantized.map(({ name, shape, dtype, quantization }) => ({
    name,
    shape,
    dtype,
    ...(quantization && { quantization }),
  }));
  await writeFile(new URL('uint8.json', CACHE), JSON.stringify([{ paths, weights: entries }]));
  await writeOnnx(SET, 'float32.onnx');
}

/** Exports the set in a folder to a file of the cache. */
async function writeOnnx(folder, name) {
  const part = new URL('onnx.part', CACHE);
  const file = await open(part, 'w');
  try {
    await exportModel(new URL('model.json', folder).href, (_, part) => file.writeFile(part), {
      format: 'onnx',
      input: 'prepared',
    });
  } finally {
    await file.close();
  }
  await rename(part, new URL(name, CACHE));
}

/** Writes `<name>int8.onnx` from `<name>float32.onnx`. */
function quantize(python, name = '') {
  const [script, from, to] = [
    new URL('quantize.py', import.meta.url),
    new URL(`${name}float32.onnx`, CACHE),
    new URL('int8.part', CACHE),
  ];
  const { status, stderr, error } = spawnSync(python, [script, from, to].map(fileURLToPath), {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(
      `--python: ${python} could not run bench/quantize.py. ${error?.message ?? stderr}`,
    );
  return rename(to, new URL(`${name}int8.onnx`, CACHE));
}

/**
 * Writes missing files to bench/.cache, and all of them for other weights.
 *
 * @param {string | undefined} python a Python with onnxruntime; without it, int8 is available only
 * if cached
 * @returns {Promise<{ int8: boolean }>}
 */
export async function peerFiles(python) {
  const manifest = readFileSync(new URL('model.json', SET));
  const hash = createHash('sha256').update(manifest).digest('hex');
  const stamp = new URL('set.txt', CACHE);
  if (!existsSync(stamp) || (await readFile(stamp, 'utf8')) !== hash) {
    await rm(CACHE, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    await writeFiles();
    await writeFile(stamp, hash);
  }
  const int8 = new URL('int8.onnx', CACHE);
  if (python && !existsSync(int8)) await quantize(python);
  return { int8: existsSync(int8) };
}

/**
 * Writes Caffe's network with random weights to bench/.cache if it is missing: `converted/`, a set
 * in uint8 that does not resize images of 227 pixels, and `converted-int8.onnx`.
 *
 * @throws Error if the ONNX file is missing and no Python is given.
 */
export async function convertedFiles(python) {
  const folder = new URL('converted/', CACHE);
  if (!existsSync(folder)) {
    const [script, weights] = [new URL('whole.mjs', CACHE), new URL('whole.caffemodel', CACHE)];
    await build({
      entryPoints: [fileURLToPath(new URL('../test/support/wholeAlexNet.ts', import.meta.url))],
      outfile: fileURLToPath(script),
      format: 'esm',
    });
    await writeFile(weights, (await import(script.href)).wholeCaffe());
    const { preprocessing } = JSON.parse(readFileSync(new URL('model.json', SET), 'utf8'));
    const part = new URL('converted.part/', CACHE);
    const cli = new URL('../dist/cli.js', import.meta.url);
    const [command, from, to] = [cli, weights, part].map(fileURLToPath);
    const options = ['--quantize', 'uint8', '--mean', preprocessing.mean.join()];
    const { status, stderr } = spawnSync(
      process.execPath,
      [command, 'convert', from, '--output', to, ...options, '--variant', 'caffe'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`bench: alexnet convert failed. ${stderr}`);
    const path = new URL('model.json', part);
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    Object.assign(manifest.preprocessing, { resize: 227, crop: 227 });
    await writeFile(path, JSON.stringify(manifest));
    await rename(part, folder);
    await rm(weights);
  }
  const onnx = new URL('converted-float32.onnx', CACHE);
  if (!existsSync(onnx)) await writeOnnx(folder, 'converted-float32.onnx');
  if (existsSync(new URL('converted-int8.onnx', CACHE))) return;
  if (!python)
    throw new Error('bench: --only converted needs --python, a Python with onnxruntime.');
  await quantize(python, 'converted-');
}

/** Returns the bytes of the uint8 shards and their manifest. */
export const uint8Bytes = () =>
  ['uint8.json', ...JSON.parse(readFileSync(new URL('uint8.json', CACHE), 'utf8'))[0].paths].reduce(
    (sum, path) => sum + statSync(new URL(path, CACHE)).size,
    0,
  );
