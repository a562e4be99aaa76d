/** What a layer is: a value with its options, and pure functions of shapes and tensors. Layers own no tensors. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { UpdateOptions } from '../kernels/momentumUpdate';
import type { Init } from './init';

/** Sizes without the batch axis: `[height, width, channels]` of a picture or feature map, `[units]` of a vector. */
export type Shape = readonly number[];

/** One learnt tensor: its shape and what it holds before training. */
export interface Param {
  shape: Shape;
  init: Init;
}

/** How a pass through the network is made. */
export interface Mode {
  /** Dropout drops only in training. @default false */
  training?: boolean;
  /** Seed of the random masks of this pass: the same seed, the same masks. @default 0 */
  seed?: number;
}

/** A forward pass that was made: what a backward pass looks at. */
export interface Pass {
  /** What the layer was given, `[n, ...input]`. */
  x: Tensor;
  /** What `apply` answered. */
  y: Tensor;
  /** The parameters that it was made with. */
  params: Record<string, Tensor>;
  /** The mode that it was made in: dropout draws the same mask again. */
  mode?: Mode;
}

/** How to compute the gradients of the loss. Nothing is computed until one is called; the caller disposes what it gets. */
export interface LayerGradients {
  /** By the input. */
  x: () => Tensor;
  /** By each parameter, under its name. */
  params: Record<string, () => Tensor>;
}

/** What `update` leaves: the tensors to go on with. */
export interface LayerUpdate {
  /** The gradient by the input, made with the parameters as they were; only if it was asked for. The caller disposes it. */
  x?: Tensor;
  params: Record<string, Tensor>;
  velocities: Record<string, Tensor>;
}

/** A layer as a manifest stores it: its type and its options. */
export interface LayerJSON {
  type: string;
  [option: string]: unknown;
}

/** A layer is a value: what it computes, and no state. */
export interface Layer {
  /** What it is, as a manifest names it: `conv2d`, `lrn`, … */
  readonly type: string;
  /** Tensors it learns for an input of this shape. Nothing is allocated. Empty for most layers. */
  params(input: Shape): Record<string, Param>;
  /** The output's shape for an input of this shape. Throws a ShapeError when they do not fit. */
  outputShape(input: Shape): Shape;
  /** The forward pass for a batch, `[n, ...input]` → `[n, ...outputShape(input)]`. Differentiable. */
  apply(x: Tensor, params: Record<string, Tensor>, mode?: Mode): Tensor;
  /** The backward pass: from `dy`, the gradient of the loss by the output, to those by the input and the parameters. */
  backward(dy: Tensor, pass: Pass): LayerGradients;
  /**
   * Backward pass and update of the parameters in one, where that saves time or memory (see `updateLayer`). Takes over
   * `pass.params` and `velocities` (the same names): go on with the returned ones. Leaves `dy`, `pass.x` and `pass.y`.
   * Where it knows nothing better, it touches nothing and answers undefined.
   */
  update?(
    dy: Tensor,
    pass: Pass,
    velocities: Record<string, Tensor>,
    options: UpdateOptions,
    wanted?: { x?: boolean | undefined },
  ): LayerUpdate | undefined;
  /** This layer and the ReLU behind it in one pass; not differentiable. Only where that is faster. */
  applyWithRelu?(x: Tensor, params: Record<string, Tensor>): Tensor;
  /** Tensors made once from the parameters, that `apply` and `applyWithRelu` take beside them to save work. */
  constants?(params: Record<string, Tensor>): Record<string, Tensor>;
  /** Multiply-adds for one input of this shape. @default 0 */
  multiplyAdds?(input: Shape): number;
  /** Type and options, for a manifest. `layerFromJSON` is the inverse. */
  toJSON(): LayerJSON;
}

/** Whether two layers are of one type, with equal options: with the same weights they compute the same. */
export const sameLayer = (a: Layer, b: Layer): boolean => a === b || equal(a.toJSON(), b.toJSON());

/** Of what JSON can hold. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => equal(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

/** `27 × 27 × 256`, as the shapes are written everywhere. */
export const formatShape = (shape: Shape): string => shape.join(' × ');

/** How many numbers a shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);
