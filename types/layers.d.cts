import { Tensor } from '@tensorflow/tfjs-core';

/** Zeros around the picture, in pixels. */
interface Padding {
    top: number;
    right: number;
    bottom: number;
    left: number;
}

/** momentumUpdate: the paper's update rule for one tensor of weights, without a spare copy of it where the backend allows. */

/** What the update rule is told. The paper's: 0.01, 0.9, 0.0005. */
interface UpdateOptions {
    /** Step along the gradient. */
    learningRate: number;
    /** Share of the last step that is taken again. */
    momentum: number;
    /** Share of the weights that is taken off, times the learning rate. */
    weightDecay: number;
}

/** An initial value as data, so that layers stay serialisable and nothing is allocated until it is wanted. */
type Init = {
    kind: 'normal';
    std: number;
} | {
    kind: 'constant';
    value: number;
};
/** Normal with mean 0: the paper's weights have a standard deviation of 0.01. */
declare const normal: (std: number) => Init;
/** The same value everywhere: the paper's biases are 1 in conv2, conv4, conv5, fc6 and fc7, else 0. */
declare const constant: (value: number) => Init;
/** Initial values for each of a network's parameters, by name. The same seed gives the same values everywhere. */
declare function initialise(params: Record<string, Param>, seed?: number): Map<string, Float32Array>;

/** What a layer is: a value with its options, and pure functions of shapes and tensors. Layers own no tensors. */

/** Sizes without the batch axis: `[height, width, channels]` of a picture or feature map, `[units]` of a vector. */
type Shape = readonly number[];
/** One learnt tensor: its shape and what it holds before training. */
interface Param {
    shape: Shape;
    init: Init;
}
/** How a pass through the network is made. */
interface Mode {
    /** Dropout drops only in training. @default false */
    training?: boolean;
    /** Seed of the random masks of this pass: the same seed, the same masks. @default 0 */
    seed?: number;
}
/** A forward pass that was made: what a backward pass looks at. */
interface Pass {
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
interface LayerGradients {
    /** By the input. */
    x: () => Tensor;
    /** By each parameter, under its name. */
    params: Record<string, () => Tensor>;
}
/** What `update` leaves: the tensors to go on with. */
interface LayerUpdate {
    /** The gradient by the input, made with the parameters as they were; only if it was asked for. The caller disposes it. */
    x?: Tensor;
    params: Record<string, Tensor>;
    velocities: Record<string, Tensor>;
}
/** A layer as a manifest stores it: its type and its options. */
interface LayerJSON {
    type: string;
    [option: string]: unknown;
}
interface Layer {
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
    update?(dy: Tensor, pass: Pass, velocities: Record<string, Tensor>, options: UpdateOptions, wanted?: {
        x?: boolean;
    }): LayerUpdate | undefined;
    /** This layer and the ReLU behind it in one pass; not differentiable. Only where that is faster. */
    applyWithRelu?(x: Tensor, params: Record<string, Tensor>): Tensor;
    /** Tensors made once from the parameters, that `apply` and `applyWithRelu` take beside them to save work. */
    constants?(params: Record<string, Tensor>): Record<string, Tensor>;
    /** Multiply-adds for one input of this shape. @default 0 */
    multiplyAdds?(input: Shape): number;
    /** Type and options, for a manifest. `layerFromJSON` is the inverse. */
    toJSON(): LayerJSON;
}
/** `27 × 27 × 256`, as the shapes are written everywhere. */
declare const formatShape: (shape: Shape) => string;

interface Conv2dOptions {
    /** Output channels. */
    filters: number;
    /** Side of the square filter, in pixels. */
    size: number;
    /** Step of the window, in pixels. @default 1 */
    stride?: number;
    /** Zeros on each side, in pixels, or a number for each side that has any: `{ right: 3, bottom: 3 }`. @default 0 */
    pad?: number | Partial<Padding>;
    /** Parts of the channels that do not see each other: the paper's two GPUs are 2. @default 1 */
    groups?: number;
    /** Initial value of the biases. @default 0 */
    bias?: number;
    /** Standard deviation of the initial filters. @default 0.01 */
    std?: number;
}
/**
 * 2-D convolution with bias: `[n, h, w, c]` → `[n, h′, w′, filters]`, h′ = ⌊(h + top + bottom − size) / stride⌋ + 1.
 * Learns `kernel` `[size, size, c / groups, filters]` (TensorFlow's HWIO; PyTorch and Caffe hold OIHW) and `bias`
 * `[filters]`. Group g of the output sees group g of the input (paper, section 3.5).
 */
declare function conv2d({ filters, size, stride, pad, groups, bias, std }: Conv2dOptions): Layer;

interface DenseOptions {
    /** Outputs. */
    units: number;
    /** Initial value of the biases. @default 0 */
    bias?: number;
    /** Standard deviation of the initial weights. @default 0.01 */
    std?: number;
}
/**
 * Every output from every input: `[n, in]` → `[n, units]`, `y = x · kernel + bias`. Learns `kernel` `[in, units]` (PyTorch and
 * Caffe hold `[units, in]`) and `bias` `[units]`. Takes a vector: put `flatten` before it.
 */
declare function dense({ units, bias, std }: DenseOptions): Layer;

interface DropoutOptions {
    /** Share of the values that are set to zero in training, in [0, 1). @default 0.5 */
    rate?: number;
}
/**
 * In training sets each value to zero with probability `rate` and divides the rest by 1 − rate; else passes everything on.
 * The paper (section 4.2) instead halves the outputs when testing: the same expectation. Any shape, unchanged.
 */
declare function dropout({ rate }?: DropoutOptions): Layer;

/** `[n, h, w, c]` → `[n, h·w·c]`, the channel running fastest. PyTorch and Caffe run C, H, W: converters permute fc6's rows. */
declare const flatten: () => Layer;

/** sequential: named layers one after the other, which is itself a layer. */

/** One line of a network's table. */
interface LayerSummary {
    name: string;
    type: string;
    /** Without the batch axis. */
    outputShape: Shape;
    /** How many numbers it learns. */
    parameters: number;
    /** Multiply-adds for one picture. */
    multiplyAdds: number;
}
interface SequentialOptions {
    /** What the network takes, without the batch axis: `[227, 227, 3]`. Needed by whoever makes a model of it. */
    inputShape?: Shape;
}
interface Sequential<Layers extends Record<string, Layer> = Record<string, Layer>> extends Layer {
    readonly type: 'sequential';
    readonly layers: Readonly<Layers>;
    readonly names: readonly (keyof Layers & string)[];
    readonly inputShape: Shape | undefined;
    /** The output shape of each layer, in order. */
    shapes(input?: Shape): Record<keyof Layers & string, Shape>;
    /** Name, shape, parameters and cost of each layer. */
    summary(input?: Shape): LayerSummary[];
    params(input?: Shape): Record<string, Param>;
    outputShape(input?: Shape): Shape;
    apply(x: Tensor, params: Record<string, Tensor>, mode?: Mode & Range<keyof Layers & string>): Tensor;
    /**
     * The forward pass as `apply` makes it, layer by layer, with all that a backward pass looks at: for a training loop. Keeps
     * every `pass.y`, which the caller disposes; where a layer changes nothing (dropout outside training) `y` is `x` itself.
     */
    trace(x: Tensor, params: Record<string, Tensor>, mode?: Mode & Range<keyof Layers & string>): Step<keyof Layers & string>[];
    constants(params: Record<string, Tensor>): Record<string, Tensor>;
    multiplyAdds(input?: Shape): number;
}
/** Which part of the network runs. */
interface Range<Name extends string = string> {
    /** Starts behind this layer. Default: at the beginning. */
    after?: Name;
    /** Stops behind this layer. Default: at the end. */
    upTo?: Name;
}
/** One layer's part of a forward pass. */
interface Step<Name extends string = string> {
    name: Name;
    layer: Layer;
    /** Its parameters go by their names within the layer: `kernel`. */
    pass: Pass;
}
/**
 * Layers one after the other, in the order written. The parameters of `conv1` are `conv1/kernel` and `conv1/bias`; a
 * sequential within a sequential is a block, `block/conv1/kernel`. Where no gradient is recorded, a ReLU behind a
 * convolution or a dense layer runs in one pass with it.
 *
 * @throws OptionsError for a name that is a number (JavaScript would move it to the front), empty, or has a slash.
 */
declare function sequential<const Layers extends Record<string, Layer>>(layers: Layers, { inputShape }?: SequentialOptions): Sequential<Layers>;

/** The types of layer that a manifest can name. */
declare const layerTypes: readonly string[];
/**
 * The layer that `layer.toJSON()` described: `{ "type": "relu" }`, or a whole network
 * `{ "type": "sequential", "inputShape": [227, 227, 3], "layers": [{ "name": "conv1", "type": "conv2d", … }, …] }`.
 *
 * @throws OptionsError for an unknown layer or option, or one out of range, saying at which layer.
 */
declare function layerFromJSON(json: unknown, at?: string): Layer;
/** As `layerFromJSON`, for a whole network. */
declare function sequentialFromJSON(json: unknown, at?: string): Sequential;

interface LrnOptions {
    /** Channels that a value is compared with, itself among them; odd. @default 5 */
    n?: number;
    /** What the sum starts from: the paper's 2, Caffe's 1. @default 2 */
    k?: number;
    /** Weight of the sum of squares, **not** divided by n, as in the paper and TensorFlow.js. Caffe's and PyTorch's is n times this. @default 1e-4 */
    alpha?: number;
    /** Exponent of the sum. @default 0.75 */
    beta?: number;
}
/**
 * `b[c] = a[c] / (k + alpha · Σ a[c′]²)^beta` over the n channels around c, fewer at the ends (paper, section 3.3).
 * `[n, h, w, c]`, unchanged. Depends on the scale of its input: alpha belongs to a set of weights and travels with it.
 */
declare function lrn({ n, k, alpha, beta }?: LrnOptions): Layer;

interface MaxPoolOptions {
    /** Side of the square window, in pixels. @default 3 */
    size?: number;
    /** Step of the window, in pixels. @default 2 */
    stride?: number;
    /** Border on each side, in pixels, that never wins; at most half the window. @default 0 */
    pad?: number;
    /** More of that border at the right and the bottom, in pixels, for a last window that hangs over: some networks round up. @default 0 */
    overhang?: number;
}
/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`, h′ = ⌊(h + 2·pad + overhang − size) / stride⌋ + 1. The defaults are
 * the paper's overlapping pooling (section 3.4). Caffe rounds up where this and PyTorch round down; AlexNet's sizes divide exactly.
 */
declare function maxPool({ size, stride, pad, overhang }?: MaxPoolOptions): Layer;

/** `max(x, 0)`: paper, section 3.1, where it trains six times faster than tanh. Any shape, unchanged. */
declare const relu: () => Layer;

/**
 * `exp(x) / Σ exp(x)` over the last axis: scores to probabilities. Any shape, unchanged. A model adds it by itself when its
 * network ends in plain scores, as the paper's does here; the training loss wants the scores.
 */
declare const softmax: () => Layer;

/** `tanh(x)`: what the paper's figure 1 compares ReLU with. Any shape, unchanged. */
declare const tanh: () => Layer;

/** updateLayer: one layer's backward pass and the update of its parameters. */

/**
 * Takes a layer's step: the gradient by its input first, if it is wanted, then new values for every parameter that has a velocity
 * (the others stay). By the layer's own `update` where it has one, else by `backward` and `momentumUpdate`.
 *
 * Takes over `pass.params` and `velocities`: the tensors to go on with are returned, and may be the same ones. Leaves `dy`,
 * `pass.x` and `pass.y` to the caller, who disposes the returned `x` too.
 */
declare function updateLayer(layer: Layer, dy: Tensor, pass: Pass, velocities: Record<string, Tensor>, options: UpdateOptions, wanted?: {
    x?: boolean;
}): LayerUpdate;

export { constant, conv2d, dense, dropout, flatten, formatShape, initialise, layerFromJSON, layerTypes, lrn, maxPool, normal, relu, sequential, sequentialFromJSON, softmax, tanh, updateLayer };
export type { Conv2dOptions, DenseOptions, DropoutOptions, Init, Layer, LayerGradients, LayerJSON, LayerSummary, LayerUpdate, LrnOptions, MaxPoolOptions, Mode, Padding, Param, Pass, Range, Sequential, SequentialOptions, Shape, Step, UpdateOptions };
