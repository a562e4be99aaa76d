/** The operations of the WebGL engine. Small ones, such as ReLU, are defined here. */
import { identity, type CompiledLayer, type Op, type OpTable } from '../opTable';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { flatten } from './flatten';
import { LAYERS, type ActivationTexture, type Gpu } from './gpu';
import { columns, layers } from './layout';
import { lrn } from './lrn';
import { maxPool } from './maxPool';

/** What layers are compiled with. */
export interface WebGLCompileContext {
  gpu: Gpu;
  /** How the layer's kernel is stored, if known: its program is then compiled early. */
  kernelType?: 'quantized' | 'float' | undefined;
}

export type WebGLLayer = CompiledLayer<ActivationTexture>;
export type WebGLOp<Options> = Op<Options, WebGLCompileContext, WebGLLayer>;

/** ReLU, where the layer before it cannot fuse it. */
const relu: WebGLOp<object> = {
  compile(_options, { input }, { gpu }) {
    const program = gpu.program(
      { X: 'sampler2DArray' },
      LAYERS,
      layers.map((layer) => `y${layer} = texelFetch(X, ivec3(at, ${layer}), 0);`).join('\n  '),
    );
    return {
      run: (x, y, n) =>
        gpu.draw(program, { inputs: [x], output: y, width: columns(input, n), fuseRelu: true }),
    };
  },
};

export const ops: OpTable<WebGLCompileContext, WebGLLayer> = {
  conv2d,
  dense,
  lrn,
  maxPool,
  relu,
  flatten,
  dropout: { compile: identity },
};
