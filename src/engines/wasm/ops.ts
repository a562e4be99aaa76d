/** The operations of the WASM engine. */
import { identity, type CompiledLayer, type Op, type OpTable } from '../opTable';
import { conv2d } from './conv2d';
import { dense } from './dense';
import type { InferenceKernels } from './inferenceKernels';
import { lrn } from './lrn';
import { maxPool } from './maxPool';
import { relu } from './relu';
import type { ThreadPool } from './threadPool';
import type { WasmMemory } from './wasmMemory';

/** What layers are compiled with. */
export interface BuildContext {
  memory: WasmMemory;
  kernels: InferenceKernels;
  pool: ThreadPool;
  /**
   * The largest number of images that pass through a layer together, before they become vectors.
   */
  batch: number;
  /**
   * Requests workspace. All layers share one, and each thread has its own; `pool.workspace` is set
   * when all layers are compiled.
   */
  reserveWorkspace(bytes: number): void;
}

/** Activations are addresses. */
export type WasmLayer = CompiledLayer<number>;
export type WasmOp<Options> = Op<Options, BuildContext, WasmLayer>;

export const ops: OpTable<BuildContext, WasmLayer> = {
  conv2d,
  dense,
  lrn,
  maxPool,
  relu,
  flatten: { compile: identity },
  dropout: { compile: identity },
};
