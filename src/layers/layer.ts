/** The interface of layers: values with options and pure functions of shapes and tensors. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { UpdateOptions } from '../kernels/momentumUpdate';
import type { Initializer } from './init';

/**
 * Sizes without the batch axis: `[height, width, channels]` of an image or feature map, `[units]`
 * of a vector.
 */
export type Shape = readonly number[];

/** One parameter that a layer learns: its shape and its value before training. */
export interface ParamSpec {
  shape: Shape;
  init: Initializer;
}

/** How a forward pass runs. */
export interface ForwardMode {
  /** Whether dropout drops. @default false */
  training?: boolean;
  /** Seed of the random masks of this pass. The same seed gives the same masks. @default 0 */
  seed?: number;
}

/** A finished forward pass: the input of a backward pass. */
export interface ForwardPass {
  /** The input, `[n, ...input]`. */
  x: Tensor;
  /** The output of `apply`. */
  y: Tensor;
  /** The parameters it ran with. */
  params: Record<string, Tensor>;
  /** The mode it ran in: dropout draws the same mask again. */
  mode?: ForwardMode;
}

/**
 * Functions that compute the gradients of the loss. Nothing is computed until one is called. The
 * caller disposes the returned tensors.
 */
export interface LayerGradients {
  /** With respect to the input. */
  x: () => Tensor;
  /** With respect to each parameter, by name. */
  params: Record<string, () => Tensor>;
}

/** What `update` needs besides the forward pass. */
export interface UpdateRequest {
  /** The velocity of each parameter that learns, by name. Parameters without one stay unchanged. */
  velocities: Record<string, Tensor>;
  /** Learning rate, momentum and weight decay. */
  rule: UpdateOptions;
  /** Whether to also return the gradient with respect to the input. @default false */
  inputGradient?: boolean;
}

/** The result of `update`: the tensors that replace the old ones. */
export interface LayerUpdate {
  /**
   * The gradient with respect to the input, computed with the parameters before the update, if
   * requested. The caller disposes it.
   */
  x?: Tensor;
  params: Record<string, Tensor>;
  velocities: Record<string, Tensor>;
}

/** A layer as a manifest stores it: its type and its options. */
export interface LayerJSON {
  type: string;
  [option: string]: unknown;
}

/** A layer: its computations, without state. Layers own no tensors. */
export interface Layer {
  /** The type, as a manifest names it: `conv2d`, `lrn`, … */
  readonly type: string;
  /** The options, with every default filled in. Undefined for a layer without options. */
  readonly options?: object;
  /** Returns the parameters that it learns for an input of this shape. Allocates nothing. */
  params(input: Shape): Record<string, ParamSpec>;
  /** Returns the shape of the output. Throws a ShapeError if the input does not fit. */
  outputShape(input: Shape): Shape;
  /**
   * Runs the forward pass on a batch: `[n, ...input]` → `[n, ...outputShape(input)]`.
   * Differentiable.
   */
  apply(x: Tensor, params: Record<string, Tensor>, mode?: ForwardMode): Tensor;
  /**
   * Runs the backward pass: from `dy`, the gradient of the loss with respect to the output, to the
   * gradients with respect to the input and the parameters.
   */
  backward(dy: Tensor, pass: ForwardPass): LayerGradients;
  /**
   * Runs the backward pass and updates the parameters in one operation, where that saves time or
   * memory (see `updateLayer`). Takes ownership of `pass.params` and the velocities: use the
   * returned tensors instead. Leaves `dy`, `pass.x` and `pass.y` to the caller. Returns undefined,
   * with nothing changed, if there is no such operation.
   */
  update?(dy: Tensor, pass: ForwardPass, request: UpdateRequest): LayerUpdate | undefined;
  /** Runs this layer and a ReLU after it in one operation. Not differentiable. */
  applyWithRelu?(x: Tensor, params: Record<string, Tensor>): Tensor;
  /** Computes tensors from the parameters once; `apply` and `applyWithRelu` reuse them. */
  constants?(params: Record<string, Tensor>): Record<string, Tensor>;
  /** Returns the multiply-adds for one input of this shape. @default 0 */
  multiplyAdds?(input: Shape): number;
  /** Returns type and options for a manifest. `layerFromJSON` is the inverse. */
  toJSON(): LayerJSON;
}

/** A layer of a known type, with its complete options. */
export interface TypedLayer<Type extends string, Options extends object = object> extends Layer {
  readonly type: Type;
  readonly options: Readonly<Options>;
}

/**
 * Returns whether two layers have the same type and equal options: with the same weights they
 * compute the same.
 */
export const sameLayer = (a: Layer, b: Layer): boolean => a === b || equal(a.toJSON(), b.toJSON());

/** Compares two values that JSON can hold. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => equal(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

/** Formats a shape for messages and tables: `27 × 27 × 256`. */
export const formatShape = (shape: Shape): string => shape.join(' × ');

/** Returns the number of values in a tensor of this shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** Returns the layer of a parameter: `fc8` of `fc8/kernel`, `block/conv` of `block/conv/kernel`. */
export const layerOf = (param: string): string => param.slice(0, param.lastIndexOf('/'));

/** Returns the layer of the whole network that has a parameter: `block` of `block/conv/kernel`. */
export const topLayerOf = (param: string): string => param.slice(0, param.indexOf('/'));
