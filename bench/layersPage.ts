/** The page of bench/layers.mjs: the time of each layer of the shipped set on WebAssembly. */
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
type Weights = Record<string, Record<string, StoredTensor>>;

export interface LayerTime {
  name: string;
  /** Milliseconds for one image, the median. */
  milliseconds: number;
  /** Multiply-adds of weights that are not zero. */
  work: number;
  /** Bytes of the input, the output, and the weights as they are stored. */
  bytes: number;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

async function readSet(address: string): Promise<{ net: Sequential; weights: Weights }> {
  const source = weightSource(address);
  const manifest = await readManifest(source);
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
    ...{ memory, kernels, pool, int8, batch: 1 },
    reserveWorkspace: (bytes) => void (workspace = Math.max(workspace, bytes)),
  };
  const stages = compileStages(ops, net, () => context)!;
  pool.workspace = memory.allocate(workspace);
  for (const { name, layer } of stages) if (weights[name]) layer.setWeights!(weights[name]);
  int8.active = int8.packed;
  const sizes = [net.inputShape!, ...stages.map(({ outputShape }) => outputShape)].map(sizeOf);
  const buffers = [0, 1].map(() => memory.allocate(4 * Math.max(...sizes))) as [number, number];
  return { memory, stages, buffers, sizes };
}

/** Times each layer. Its input is the output of the layers before it, from noise as the image. */
export async function timeLayers(
  address: string,
  precision: Precision,
  rounds: number,
): Promise<LayerTime[]> {
  const { net, weights } = await readSet(address);
  const { memory, stages, buffers, sizes } = await compiled(net, weights, precision);
  const input = Float32Array.from({ length: sizes[0]! }, (_, i) => ((i * 7919) % 255) - 122);
  const times = new Map<number, number[]>();
  for (let round = -5; round < rounds; round++) {
    memory.writeFloats(buffers[0], input);
    let [x, y] = buffers;
    for (let i = 0; i < stages.length; i++) {
      const { layer } = stages[i] as Stage<WasmLayer>;
      const fuseRelu = fusesRelu(stages, i, stages.length);
      const begin = performance.now();
      layer.run(x, layer.inPlace ? x : y, 1, fuseRelu);
      const time = performance.now() - begin;
      if (round >= 0 && !layer.inPlace) times.set(i, [...(times.get(i) ?? []), time]);
      if (!layer.inPlace) [x, y] = [y, x];
      if (fuseRelu) i++;
    }
    if (round < 0) await new Promise((resume) => setTimeout(resume, 50)); // time for the compiler
  }
  return [...times].map(([i, list]) => {
    const { name, outputShape } = stages[i]!;
    const kernel = weights[name]?.kernel;
    const positions = outputShape.length === 3 ? outputShape[0]! * outputShape[1]! : 1;
    const [count, stored] = kernel ? nonzero(kernel) : [0, 0];
    return {
      ...{ name, milliseconds: median(list), work: count * positions },
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
