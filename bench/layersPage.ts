/** The page of bench/layers.mjs: the time of each layer of a set on WebAssembly. */
import { wholeTorchvision } from '../test/support/wholeAlexNet';
import { Int8Mode } from '../src/engines/wasm/int8Mode';
import { loadInferenceKernels } from '../src/engines/wasm/inferenceKernels';
import { ops, type WasmCompileContext, type WasmLayer } from '../src/engines/wasm/ops';
import { compileStages, fusesRelu, type Stage } from '../src/engines/opTable';
import { ThreadPool } from '../src/engines/wasm/threadPool';
import { WasmMemory } from '../src/engines/wasm/wasmMemory';
import type { Sequential } from '../src/layers/sequential';
import { sizeOf } from '../src/layers/layer';
import { noCache } from '../src/weights/read/cache';
import type { StoredTensor } from '../src/weights/format/storedTensor';
import { readManifest, readTensors } from '../src/weights/read/read';
import { weightSource } from '../src/weights/read/source';

type Precision = 'float32' | 'int8';
/** A set, or torchvision's AlexNet with random weights, converted to a type. */
export type LayersSet = { address: string } | { quantize: 'uint8' | 'uint4' };
type Weights = Record<string, Record<string, StoredTensor>>;

export interface LayerTime {
  name: string;
  /** Milliseconds for one image, the median. */
  milliseconds: number;
  /** The same for `BATCH` images, if the layer's input is a vector. */
  batchMilliseconds: number | undefined;
  /** Multiply-adds of weights that are not zero. */
  work: number;
  /** Bytes of the input, the output, and the weights as they are stored. */
  bytes: number;
}

const BATCH = 8;
/** Approximate mean of photographs (0 to 255). */
const GRAY = 115;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

let read: { key: string; set: Promise<{ net: Sequential; weights: Weights }> } | undefined;

/** Reads a set. Keeps the last one. */
function readSet(set: LayersSet): Promise<{ net: Sequential; weights: Weights }> {
  const key = JSON.stringify(set);
  if (read?.key !== key) read = { key, set: readWeights(set) };
  return read.set;
}

async function readWeights(set: LayersSet): Promise<{ net: Sequential; weights: Weights }> {
  const isAddress = 'address' in set;
  const source = weightSource(isAddress ? set.address : new Blob([...wholeTorchvision()]));
  const manifest = await readManifest(
    source,
    isAddress ? {} : { cache: false, convert: { quantize: set.quantize } },
  );
  const weights: Weights = {};
  await readTensors(source, manifest, { cache: noCache() }, (param, _shape, stored) => {
    const [layer, name] = param.split('/') as [string, string];
    (weights[layer] ??= {})[name] = stored;
  });
  return { net: manifest.net, weights };
}

/** Compiles the layers with their own memory, as WasmEngine does. */
async function compiled(net: Sequential, weights: Weights, precision: Precision) {
  const memory = new WasmMemory();
  const loaded = (await loadInferenceKernels(memory.memory))!;
  const { kernels } = loaded;
  const pool = new ThreadPool(kernels);
  kernels.setScratch({ pointer: memory.allocate(kernels.scratchBytes) });
  const int8 = (await Int8Mode.choose(net, precision, { ...loaded, shared: false }))!;
  let workspace = 0;
  const context: WasmCompileContext = {
    ...{ memory, kernels, pool, int8, batch: 1 }, // of images
    reserveWorkspace: (bytes) => void (workspace = Math.max(workspace, bytes)),
  };
  const stages = compileStages(ops, net, () => context)!;
  pool.workspace = memory.allocate(workspace);
  for (const { name, layer } of stages) if (weights[name]) layer.setWeights!(weights[name]);
  int8.active = int8.packed;
  const sizes = [net.inputShape!, ...stages.map(({ outputShape }) => outputShape)].map(sizeOf);
  const firstVector = stages.findIndex(({ outputShape }) => outputShape.length === 1);
  const largest = Math.max(...sizes, BATCH * Math.max(...sizes.slice(firstVector)));
  const buffers = [0, 1].map(() => memory.allocate(4 * largest)) as [number, number];
  return { memory, stages, buffers, sizes, firstVector };
}

/** Returns the top left `side` × `side` pixels of the first benchmark picture as a network input. */
async function pictureOf(side: number): Promise<Float32Array> {
  const rgba = new Uint8Array(await (await fetch('/bench/pictures/0.rgba')).arrayBuffer());
  const width = Math.sqrt(rgba.length / 4);
  return Float32Array.from({ length: 3 * side * side }, (_, i) => {
    const [row, column] = [Math.floor(i / 3 / side), Math.floor(i / 3) % side];
    return rgba[4 * (row * width + column) + (i % 3)]! - GRAY;
  });
}

/**
 * Times each layer. Its input is the output of the layers before it, from a picture.
 *
 * @param rest milliseconds before each round
 */
export async function timeLayers(
  set: LayersSet,
  precision: Precision,
  rounds: number,
  rest: number,
): Promise<LayerTime[]> {
  const { net, weights } = await readSet(set);
  const network = await compiled(net, weights, precision);
  const { memory, stages, buffers, sizes, firstVector } = network;
  const input = await pictureOf(Math.sqrt(sizes[0]! / 3));
  const [times, batchTimes] = [new Map<number, number[]>(), new Map<number, number[]>()];
  for (let round = -5; round < rounds; round++) {
    memory.writeFloats(buffers[0], input);
    /** Times the stages from `first` to before `end` on `n` inputs in the first buffer. */
    const run = (first: number, end: number, n: number, into: typeof times): number => {
      let [x, y] = buffers;
      for (let i = first; i < end; i++) {
        const { name, layer } = stages[i] as Stage<WasmLayer>;
        const fuseRelu = fusesRelu(stages, i, end);
        const begin = performance.now();
        layer.run(x, layer.inPlace ? x : y, n, fuseRelu);
        const time = performance.now() - begin;
        if (round >= 0 && (!layer.inPlace || name.startsWith('norm')))
          into.set(i, [...(into.get(i) ?? []), time]);
        if (!layer.inPlace) [x, y] = [y, x];
        if (fuseRelu) i++;
      }
      return x;
    };
    const vector = memory.readFloats(run(0, firstVector, 1, times), sizes[firstVector]!).slice();
    for (const n of [1, BATCH]) {
      const copies = new Float32Array(n * vector.length);
      for (let i = 0; i < n; i++) copies.set(vector, i * vector.length);
      memory.writeFloats(buffers[0], copies);
      run(firstVector, stages.length, n, n === 1 ? times : batchTimes);
    }
    const pause = round < 0 ? 50 : rest; // the compiler needs time
    if (pause > 0) await new Promise((resume) => setTimeout(resume, pause));
  }
  return [...times].map(([i, list]) => {
    const { name, outputShape } = stages[i]!;
    const kernel = weights[name]?.kernel;
    const positions = outputShape.length === 3 ? outputShape[0]! * outputShape[1]! : 1;
    const [count, stored] = kernel ? nonzero(kernel) : [0, 0];
    return {
      ...{ name, milliseconds: median(list), work: count * positions },
      batchMilliseconds: batchTimes.has(i) ? median(batchTimes.get(i)!) : undefined,
      bytes: 4 * (sizes[i]! + sizeOf(outputShape)) + stored,
    };
  });
}

/** Returns the number of weights that are not zero, and their bytes. */
function nonzero(kernel: StoredTensor): [count: number, bytes: number] {
  if (kernel instanceof Float32Array)
    return [kernel.filter((weight) => weight !== 0).length, 4 * kernel.length];
  const { values, scale, min } = kernel;
  const count = values.filter((value) => value !== -min / scale).length;
  return [count, count < values.length / 4 ? 2 * count : values.length]; // a list if pruned
}

/** Returns the speed of the loops of assembly/limits.ts, in billions per second. */
export async function limits(base64: string) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const memory = new WebAssembly.Memory({ initial: 1200, maximum: 65536 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const loops = instance.exports as Record<string, (...args: number[]) => void>;
  const steps = 400;
  const stream = 2 ** 26;
  const rate = async (amount: number, run: () => void) => {
    for (let i = 0; i < 3e8 / amount; i++) run();
    await new Promise((resume) => setTimeout(resume, 100)); // time for the compiler
    const repeats = Math.max(1, Math.round(5e8 / amount));
    const times = Array.from({ length: 9 }, () => {
      const begin = performance.now();
      for (let i = 0; i < repeats; i++) run();
      return performance.now() - begin;
    });
    return (amount * repeats) / Math.min(...times) / 1e6;
  };
  return {
    dot: await rate(192 * steps, () => loops.dotBytes!(1024, 65536, steps, 64)),
    madd: await rate(32 * steps, () => loops.multiplyFloats!(1024, 65536, steps, 64)),
    stream: await rate(stream, () => loops.readBytes!(65536, stream, 64)),
  };
}

Object.assign(globalThis, { layers: { timeLayers, limits } });
