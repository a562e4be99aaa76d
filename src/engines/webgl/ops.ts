/** The operations of the WebGL engine. */
import { identity, type CompiledLayer, type Op, type OpTable } from '../opTable';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { flatten } from './flatten';
import type { ActivationTexture, Gpu } from './gpu';
import { lrn } from './lrn';
import { maxPool } from './maxPool';
import { relu } from './relu';

/** What layers are compiled with. */
export interface BuildContext {
  gpu: Gpu;
  /** How the layer's kernel is stored, if known: its program is then compiled early. */
  kernelType?: 'quantized' | 'float' | undefined;
}

export type WebGLLayer = CompiledLayer<ActivationTexture>;
export type WebGLOp<Options> = Op<Options, BuildContext, WebGLLayer>;

export const ops: OpTable<BuildContext, WebGLLayer> = {
  conv2d,
  dense,
  lrn,
  maxPool,
  relu,
  flatten,
  dropout: { compile: identity },
};
