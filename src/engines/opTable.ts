/**
 * The table of operations of a standalone engine: one entry per type of layer. wasm/ops.ts and
 * webgl/ops.ts each hold one.
 */
import type { Conv2dOptions } from '../layers/conv2d';
import type { DenseOptions } from '../layers/dense';
import type { DropoutOptions } from '../layers/dropout';
import type { LayerJSON, Shape } from '../layers/layer';
import type { LrnOptions } from '../layers/lrn';
import type { MaxPoolOptions } from '../layers/maxPool';
import type { Quantization } from '../weights/format/manifest';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';

/** Options as a layer's `toJSON` writes them: complete, so engines state no default. */
type Complete<Options> = { [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The options of each type of layer that an engine can compute. */
export interface LayerOptions {
  conv2d: Complete<Conv2dOptions>;
  dense: Complete<DenseOptions>;
  lrn: Complete<LrnOptions>;
  /** Without `overhang`, which the shape of the output implies. */
  maxPool: Complete<Omit<MaxPoolOptions, 'overhang'>>;
  relu: object;
  flatten: object;
  dropout: Complete<DropoutOptions>;
}

/** The shapes of a layer's input and output, without the batch axis. */
export interface LayerShapes {
  input: Shape;
  output: Shape;
}

/** A layer that is ready to run on inputs of one shape, once its weights are set. */
export interface CompiledLayer<Activations> {
  /** Reads `n` inputs from `x` and writes as many outputs to `y`, which is `x` if `inPlace`. */
  run(x: Activations, y: Activations, n: number, fuseRelu: boolean): void;
  /** Whether `run` can apply the following ReLU in the same pass. @default false */
  canFuseRelu?: boolean;
  /** @default false */
  inPlace?: boolean;
  /** See `StandaloneEngine.sinkFor`. Called for the kernel only, at most once. */
  sinkFor?(quantization: Quantization | undefined): WeightSink | undefined;
  /** See `StandaloneEngine.setWeights`. The kernel has no values if a sink has received them. */
  setWeights?(params: Record<string, StoredTensor>): Record<string, () => Float32Array>;
}

/** How an engine computes one type of layer. */
export interface Op<Options, Context, Layer> {
  /** Whether these options and shapes can be computed. @default true */
  supports?(options: Options, shapes: LayerShapes, context: Context): boolean;
  /** Allocates memory and compiles programs for these shapes. */
  compile(options: Options, shapes: LayerShapes, context: Context): Layer;
}

/** `Layer` is the engine's `CompiledLayer`; `Context` is what its layers are compiled with. */
export type OpTable<Context, Layer> = {
  readonly [Type in keyof LayerOptions]: Op<LayerOptions[Type], Context, Layer>;
};

/** Compiles a layer, or returns undefined if the table has no entry that supports it. */
export function compileLayer<Context, Layer>(
  ops: OpTable<Context, Layer>,
  { type, ...options }: LayerJSON,
  shapes: LayerShapes,
  context: Context,
): Layer | undefined {
  const op = (ops as Record<string, Op<object, Context, Layer> | undefined>)[type];
  if (!op || op.supports?.(options, shapes, context) === false) return undefined;
  return op.compile(options, shapes, context);
}

/** Returns a layer that leaves its input unchanged. */
export const identity = (): CompiledLayer<unknown> => ({ run: () => {}, inPlace: true });

/** Returns a function that reads back weights which the engine keeps in another form, as floats. */
export const reload = (stored: StoredTensor) => (): Float32Array => dequantize(stored).slice();
