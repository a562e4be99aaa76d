/**
 * The table of operations of a standalone engine: one entry per type of layer. wasm/ops.ts and
 * webgl/ops.ts each hold one.
 */
import type { relu } from '../layers/activation';
import type { conv2d } from '../layers/conv2d';
import type { dense } from '../layers/dense';
import type { dropout } from '../layers/dropout';
import type { flatten } from '../layers/flatten';
import type { Layer, Shape } from '../layers/layer';
import type { lrn } from '../layers/lrn';
import type { maxPool } from '../layers/maxPool';
import type { Sequential } from '../layers/sequential';
import type { Quantization } from '../weights/format/manifest';
import { dequantize, type StoredTensor } from '../weights/format/storedTensor';
import type { WeightSink } from '../weights/read/read';

/** The layer types that an engine computes. */
interface LayerFactories {
  conv2d: typeof conv2d;
  dense: typeof dense;
  lrn: typeof lrn;
  maxPool: typeof maxPool;
  relu: typeof relu;
  flatten: typeof flatten;
  dropout: typeof dropout;
}

/** The options of each type of layer. They are complete, so engines state no default. */
export type LayerOptions = {
  [Type in keyof LayerFactories]: ReturnType<LayerFactories[Type]>['options'];
};

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
export interface Op<Options, Context, Compiled> {
  /** Whether these options and shapes can be computed. @default true */
  supports?(options: Options, shapes: LayerShapes, context: Context): boolean;
  /** Allocates memory and compiles programs for these shapes. */
  compile(options: Options, shapes: LayerShapes, context: Context): Compiled;
}

/** `Compiled` is the engine's `CompiledLayer`; `Context` is what its layers are compiled with. */
export type OpTable<Context, Compiled> = {
  readonly [Type in keyof LayerOptions]: Op<LayerOptions[Type], Context, Compiled>;
};

/** Compiles a layer, or returns undefined if the table has no entry that supports it. */
export function compileLayer<Context, Compiled>(
  ops: OpTable<Context, Compiled>,
  { type, options = {} }: Layer,
  shapes: LayerShapes,
  context: Context,
): Compiled | undefined {
  const op = (ops as Record<string, Op<object, Context, Compiled> | undefined>)[type];
  if (!op || op.supports?.(options, shapes, context) === false) return undefined;
  return op.compile(options, shapes, context);
}

/** A layer of a compiled network. */
export interface Stage<Compiled> {
  name: string;
  layer: Compiled;
  isRelu: boolean;
  outputShape: Shape;
}

/**
 * Compiles the layers, except for a softmax at the end; undefined if the table does not support
 * one.
 *
 * @param contextOf returns what a layer is compiled with
 */
export function compileStages<Context, Compiled>(
  ops: OpTable<Context, Compiled>,
  net: Sequential,
  contextOf: (layer: string) => Context,
): Stage<Compiled>[] | undefined {
  const shapes = net.shapes();
  const stages: Stage<Compiled>[] = [];
  let input = net.inputShape!;
  for (const [i, name] of net.names.entries()) {
    const definition = net.layers[name]!;
    if (definition.type === 'softmax' && i === net.names.length - 1) break;
    const output = shapes[name]!;
    const layer = compileLayer(ops, definition, { input, output }, contextOf(name));
    if (!layer) return undefined;
    stages.push({ name, layer, isRelu: definition.type === 'relu', outputShape: output });
    input = output;
  }
  return stages;
}

/** Whether stage `i` applies the ReLU after it in the same pass. `end` is the first not to run. */
export const fusesRelu = (
  stages: readonly Stage<CompiledLayer<never>>[],
  i: number,
  end: number,
): boolean => stages[i]!.layer.canFuseRelu === true && i + 1 < end && stages[i + 1]!.isRelu;

/** Returns a layer that leaves its input unchanged. */
export const identity = (): CompiledLayer<unknown> => ({ run: () => {}, inPlace: true });

/** Returns a function that reads back weights which the engine keeps in another form, as floats. */
export const reload = (stored: StoredTensor) => (): Float32Array => dequantize(stored).slice();
