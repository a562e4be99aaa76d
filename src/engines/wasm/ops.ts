/** The operations of the WASM engine. Small ones, such as ReLU, are defined here. */
import { sizeOf } from '../../layers/layer';
import { identity, type CompiledLayer, type Op, type OpTable } from '../opTable';
import { conv2d } from './conv2d';
import { dense } from './dense';
import type { InferenceKernels } from './inferenceKernels';
import type { Int8Mode } from './int8Mode';
import { lrn } from './lrn';
import { maxPool } from './maxPool';
import type { ThreadPool } from './threadPool';
import type { WasmMemory } from './wasmMemory';

/** What layers are compiled with. */
export interface WasmCompileContext {
  memory: WasmMemory;
  kernels: InferenceKernels;
  pool: ThreadPool;
  /**
   * The largest number of images that pass through a layer together, before they become vectors.
   */
  batch: number;
  /** Says whether layers compute in 8 bits. */
  int8: Int8Mode;
  /**
   * Requests workspace. All layers share one, and each thread has its own; `pool.workspace` is set
   * when all layers are compiled.
   */
  reserveWorkspace(bytes: number): void;
}

/** Activations are addresses. */
export type WasmLayer = CompiledLayer<number>;
export type WasmOp<Options> = Op<Options, WasmCompileContext, WasmLayer>;

/** Values that are worth a thread's chunk. */
const RELU_GRAIN = 4096;

/** ReLU in place, where the layer before it cannot fuse it. */
const relu: WasmOp<object> = {
  compile: (_options, { input }, { pool }) => ({
    run: (x, _y, n) => pool.run('relu', { items: n * sizeOf(input), grain: RELU_GRAIN }, { x }),
    inPlace: true,
  }),
};

export const ops: OpTable<WasmCompileContext, WasmLayer> = {
  conv2d,
  dense,
  lrn,
  maxPool,
  relu,
  flatten: { compile: identity },
  dropout: { compile: identity },
};
