import { Tensor, Tensor3D } from '@tensorflow/tfjs-core/dist/tensor.js';
import { IOHandler } from '@tensorflow/tfjs-core/dist/io/types.js';

/**
 * momentumUpdate: the paper's update rule for one tensor of weights, in place where the backend
 * allows it.
 */

/** Options of the update rule. The paper uses 0.01, 0.9 and 0.0005. */
interface UpdateOptions {
    /** Factor of the gradient. */
    learningRate: number;
    /** Share of the previous velocity that is kept. */
    momentum: number;
    /** Share of the weights that is subtracted, times the learning rate. */
    weightDecay: number;
}

/** An initial value as data, so that declaring a layer allocates nothing. */
type Initializer = {
    kind: 'normal';
    std: number;
} | {
    kind: 'constant';
    value: number;
};
/**
 * Returns a generator of uniform numbers in [0, 1). The same seed gives the same numbers
 * everywhere. The algorithm is sfc32, whose 128 bits of state pass PractRand.
 *
 * @throws OptionsError if `seed` is not an integer.
 */
declare function random(seed: number): () => number;

/** The interface of layers: values with options and pure functions of shapes and tensors. */

/**
 * Sizes without the batch axis: `[height, width, channels]` of an image or feature map, `[units]`
 * of a vector.
 */
type Shape = readonly number[];
/** One parameter that a layer learns: its shape and its value before training. */
interface ParamSpec {
    shape: Shape;
    init: Initializer;
}
/** How a forward pass runs. */
interface ForwardMode {
    /** Whether dropout drops. @default false */
    training?: boolean;
    /** Seed of the random masks of this pass. The same seed gives the same masks. @default 0 */
    seed?: number;
}
/** A finished forward pass: the input of a backward pass. */
interface ForwardPass {
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
interface LayerGradients {
    /** With respect to the input. */
    x: () => Tensor;
    /** With respect to each parameter, by name. */
    params: Record<string, () => Tensor>;
}
/** What `update` needs besides the forward pass. */
interface UpdateRequest {
    /** The velocity of each parameter that learns, by name. Parameters without one stay unchanged. */
    velocities: Record<string, Tensor>;
    /** Learning rate, momentum and weight decay. */
    rule: UpdateOptions;
    /** Whether to also return the gradient with respect to the input. @default false */
    inputGradient?: boolean;
}
/** The result of `update`: the tensors that replace the old ones. */
interface LayerUpdate {
    /**
     * The gradient with respect to the input, computed with the parameters before the update, if
     * requested. The caller disposes it.
     */
    x?: Tensor;
    params: Record<string, Tensor>;
    velocities: Record<string, Tensor>;
}
/** A layer as a manifest stores it: its type and its options. */
interface LayerJSON {
    type: string;
    [option: string]: unknown;
}
/** A layer: its computations, without state. Layers own no tensors. */
interface Layer {
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
interface TypedLayer<Type extends string, Options extends object = object> extends Layer {
    readonly type: Type;
    readonly options: Readonly<Options>;
}
/** Formats a shape for messages and tables: `27 × 27 × 256`. */
declare const formatShape: (shape: Shape) => string;

/**
 * `max(x, 0)`. Any shape, unchanged. In the paper (section 3.1) a network with it trains six times
 * faster than one with tanh.
 */
declare const relu: () => TypedLayer<"relu">;
/** `tanh(x)`, which the paper's figure 1 compares with ReLU. Any shape, unchanged. */
declare const tanh: () => TypedLayer<"tanh">;

/** Zeros around the image, in pixels. */
interface Padding {
    top: number;
    right: number;
    bottom: number;
    left: number;
}

/** Options of `conv2d`. */
interface Conv2dOptions {
    /** Output channels. */
    filters: number;
    /** Side of the square filter, in pixels. */
    size: number;
    /** Step of the window, in pixels. @default 1 */
    stride?: number | undefined;
    /**
     * Zeros around the input, in pixels: one number for all sides, or one for each side that has any,
     * such as `{ right: 3, bottom: 3 }`. @default 0
     */
    pad?: number | Partial<Padding> | undefined;
    /** The number of separate groups of channels: 2 for the paper's two GPUs. @default 1 */
    groups?: number | undefined;
    /** Initial value of the biases. @default 0 */
    bias?: number | undefined;
    /** Standard deviation of the initial filters. @default 0.01 */
    std?: number | undefined;
}
/** The complete options of a `conv2d` layer. */
interface Conv2dLayerOptions {
    filters: number;
    size: number;
    stride: number;
    pad: Padding;
    groups: number;
    bias: number;
    std: number;
}
/**
 * 2-D convolution with bias: `[n, h, w, c]` → `[n, h′, w′, filters]`,
 * h′ = ⌊(h + top + bottom − size) / stride⌋ + 1. Group g of the output reads group g of the input
 * only (paper, section 3.5).
 *
 * Learns `kernel` `[size, size, c / groups, filters]` (TensorFlow's HWIO; PyTorch and Caffe store
 * OIHW) and `bias` `[filters]`.
 */
declare function conv2d(given: Conv2dOptions): TypedLayer<'conv2d', Conv2dLayerOptions>;

/** Options of `dense`. */
interface DenseOptions {
    /** Number of outputs. */
    units: number;
    /** Initial value of the biases. @default 0 */
    bias?: number | undefined;
    /** Standard deviation of the initial weights. @default 0.01 */
    std?: number | undefined;
}
/**
 * Fully connected layer, `y = x · kernel + bias`: `[n, in]` → `[n, units]`. The input must be a
 * vector: put `flatten` before it.
 *
 * Learns `kernel` `[in, units]` (PyTorch and Caffe store `[units, in]`) and `bias` `[units]`.
 */
declare function dense(given: DenseOptions): TypedLayer<'dense', {
    units: number;
    bias: number;
    std: number;
}>;

/** Options of `dropout`. */
interface DropoutOptions {
    /** Fraction of the values that are set to zero in training, in [0, 1). @default 0.5 */
    rate?: number | undefined;
}
/**
 * In training, sets each value to zero with probability `rate` and divides the others by 1 − rate.
 * Outside training it returns its input. Any shape, unchanged.
 *
 * The paper (section 4.2) halves the outputs at test time instead: the same expectation.
 */
declare function dropout(given?: DropoutOptions): TypedLayer<'dropout', {
    rate: number;
}>;

/**
 * Flattens a feature map: `[n, h, w, c]` → `[n, h·w·c]`, the channel varies fastest.
 *
 * PyTorch and Caffe flatten in the order C, H, W, so converters permute the rows of fc6.
 */
declare const flatten: () => TypedLayer<"flatten">;

/** Options of `lrn`, with the letters of the paper, section 3.3. */
interface LrnOptions {
    /** Number of channels in the sum, with the value's own in the middle; odd. @default 5 */
    n?: number | undefined;
    /** The constant that is added to the sum: 2 in the paper, 1 in Caffe. @default 2 */
    k?: number | undefined;
    /**
     * Factor of the sum of squares, **not** divided by n, as in the paper and TensorFlow.js. Caffe
     * and PyTorch divide by n: their alpha is n times this one. @default 1e-4
     */
    alpha?: number | undefined;
    /** Exponent. @default 0.75 */
    beta?: number | undefined;
}
/** The complete options of an `lrn` layer. */
interface LrnLayerOptions {
    n: number;
    k: number;
    alpha: number;
    beta: number;
}
/**
 * `b[c] = a[c] / (k + alpha · Σ a[c′]²)^beta`, summed over the n channels around c, fewer at the
 * first and last channels (paper, section 3.3). `[n, h, w, c]`, unchanged. TensorFlow.js'
 * `localResponseNormalization` has the radius (n − 1) / 2 instead.
 *
 * It depends on the scale of its input, so its options belong to a set of weights.
 */
declare function lrn(given?: LrnOptions): TypedLayer<'lrn', LrnLayerOptions>;

/** Options of `maxPool`. */
interface MaxPoolOptions {
    /** Side of the square window, in pixels. @default 3 */
    size?: number | undefined;
    /** Step of the window, in pixels. @default 2 */
    stride?: number | undefined;
    /**
     * Border on each side, in pixels, that is never the maximum; at most half the window. @default 0
     */
    pad?: number | undefined;
    /**
     * Additional border on the right and at the bottom, in pixels, for networks that round up, so
     * that the last window extends past the edge. @default 0
     */
    overhang?: number | undefined;
}
/** The complete options of a `maxPool` layer. */
interface MaxPoolLayerOptions {
    size: number;
    stride: number;
    pad: number;
    overhang: number;
}
/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`,
 * h′ = ⌊(h + 2·pad + overhang − size) / stride⌋ + 1. The defaults are the paper's overlapping
 * pooling (section 3.4).
 *
 * PyTorch rounds down too; Caffe rounds up. AlexNet's sizes divide exactly.
 */
declare function maxPool(given?: MaxPoolOptions): TypedLayer<'maxPool', MaxPoolLayerOptions>;

/**
 * The backward pass and the update of a `sequential` within a network. The forward pass is
 * repeated, because a block keeps only its input.
 */

/** One layer's part of a forward pass. */
interface TracedLayer<Name extends string = string> {
    name: Name;
    layer: Layer;
    /** The parameters have their names within the layer: `kernel`. */
    pass: ForwardPass;
}

/** sequential: a chain of named layers, which is itself a layer. */

/** One row of a network's table. */
interface LayerSummary {
    name: string;
    type: string;
    /** Without the batch axis. */
    outputShape: Shape;
    /** The number of values that the layer learns. */
    parameters: number;
    /** Multiply-adds for one image. */
    multiplyAdds: number;
}
/** Options of `sequential`. */
interface SequentialOptions {
    /** The shape of the input, without the batch axis: `[227, 227, 3]`. A model needs it. */
    inputShape?: Shape | undefined;
}
/** Which part of the network runs. */
interface LayerRange<Name extends string = string> {
    /** Starts after this layer. @default at the beginning */
    after?: Name;
    /** Stops after this layer. @default at the end */
    upTo?: Name;
}
/** A chain of layers, each with a name. */
interface Sequential<Layers extends Record<string, Layer> = Record<string, Layer>> extends Layer {
    readonly type: 'sequential';
    readonly layers: Readonly<Layers>;
    /** The names of the layers, in order. */
    readonly names: readonly (keyof Layers & string)[];
    readonly inputShape: Shape | undefined;
    /** Returns the output shape of each layer, in order. */
    shapes(input?: Shape): Record<keyof Layers & string, Shape>;
    /** Returns name, shape, parameters and cost of each layer. */
    summary(input?: Shape): LayerSummary[];
    params(input?: Shape): Record<string, ParamSpec>;
    outputShape(input?: Shape): Shape;
    apply(x: Tensor, params: Record<string, Tensor>, mode?: ForwardMode & LayerRange<keyof Layers & string>): Tensor;
    /**
     * Runs the same forward pass as `apply` and returns what a backward pass reads, layer by layer.
     * The caller disposes every `pass.y`. If a layer changes nothing (dropout outside training), `y`
     * is `x`.
     */
    trace(x: Tensor, params: Record<string, Tensor>, mode?: ForwardMode & LayerRange<keyof Layers & string>): TracedLayer<keyof Layers & string>[];
    constants(params: Record<string, Tensor>): Record<string, Tensor>;
    multiplyAdds(input?: Shape): number;
}
/**
 * Creates a network that runs its layers in the order in which they are written. The parameters of
 * `conv1` are `conv1/kernel` and `conv1/bias`. A sequential within a sequential is a block:
 * `block/conv1/kernel`. Where no gradient is recorded, a ReLU after a convolution or a dense layer
 * runs in one operation with it.
 *
 * @throws OptionsError for a name that is empty, has a slash, or starts with a digit (JavaScript
 * would move it to the front).
 */
declare function sequential<const Layers extends Record<string, Layer>>(layers: Layers, given?: SequentialOptions): Sequential<Layers>;

/**
 * Builds the layer that `layer.toJSON()` described: `{ "type": "relu" }`, or a whole network,
 * `{ "type": "sequential", "inputShape": [227, 227, 3], "layers": [{ "name": "conv1", … }, …] }`.
 *
 * @throws OptionsError for an unknown layer or option, or an option out of range. The message names
 * the layer.
 */
declare function layerFromJSON(json: unknown, at?: string): Layer;
/** Builds a whole network from JSON, as `layerFromJSON` does. */
declare function sequentialFromJSON(json: unknown, at?: string): Sequential;

/**
 * `exp(x) / Σ exp(x)` over the last axis: scores to probabilities. Any shape, unchanged.
 *
 * A model applies it to a network that ends in plain scores, so a network need not contain it. The
 * training loss is computed from the scores.
 */
declare const softmax: () => TypedLayer<"softmax">;

interface AlexNetOptions {
    /**
     * Height and width of the input, in pixels: 227 as in Caffe, or 224 as in the paper, where conv1
     * pads three zeros at the right and bottom. Both result in 55 × 55 outputs. @default 227
     */
    inputSize?: 227 | 224 | undefined;
    /** Local response normalization (LRN) of the outputs of conv1 and conv2. @default the variant's */
    lrn?: LrnOptions | undefined;
}
/**
 * Creates the network of the paper: convolutions in two groups (one per GPU, section 3.2), LRN with
 * k = 2 (section 3.3) and overlapping pooling (section 3.4). 60,965,224 parameters for 1000 classes.
 */
declare const paperAlexNet: (classes?: number, options?: AlexNetOptions) => Sequential<{
    readonly conv1: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu1: TypedLayer<"relu", object>;
    readonly norm1: TypedLayer<"lrn", LrnLayerOptions>;
    readonly pool1: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv2: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu2: TypedLayer<"relu", object>;
    readonly norm2: TypedLayer<"lrn", LrnLayerOptions>;
    readonly pool2: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv3: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu3: TypedLayer<"relu", object>;
    readonly conv4: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu4: TypedLayer<"relu", object>;
    readonly conv5: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu5: TypedLayer<"relu", object>;
    readonly pool5: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly flatten: TypedLayer<"flatten", object>;
    readonly fc6: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu6: TypedLayer<"relu", object>;
    readonly drop6: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc7: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu7: TypedLayer<"relu", object>;
    readonly drop7: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc8: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
}>;
/**
 * Creates Caffe's `bvlc_alexnet`: the paper's layers, but LRN with k = 1 and alpha = 1e-4 / 5
 * (Caffe divides its alpha of 1e-4 by n = 5). 60,965,224 parameters for 1000 classes.
 */
declare const caffeAlexNet: (classes?: number, options?: AlexNetOptions) => Sequential<{
    readonly conv1: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu1: TypedLayer<"relu", object>;
    readonly norm1: TypedLayer<"lrn", LrnLayerOptions>;
    readonly pool1: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv2: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu2: TypedLayer<"relu", object>;
    readonly norm2: TypedLayer<"lrn", LrnLayerOptions>;
    readonly pool2: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv3: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu3: TypedLayer<"relu", object>;
    readonly conv4: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu4: TypedLayer<"relu", object>;
    readonly conv5: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu5: TypedLayer<"relu", object>;
    readonly pool5: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly flatten: TypedLayer<"flatten", object>;
    readonly fc6: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu6: TypedLayer<"relu", object>;
    readonly drop6: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc7: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu7: TypedLayer<"relu", object>;
    readonly drop7: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc8: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
}>;
/**
 * Creates Caffe's `bvlc_reference_caffenet`: as `caffeAlexNet`, but with pooling before
 * normalization. 60,965,224 parameters for 1000 classes.
 */
declare const caffeNet: (classes?: number, options?: AlexNetOptions) => Sequential<{
    readonly conv3: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu3: TypedLayer<"relu", object>;
    readonly conv4: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu4: TypedLayer<"relu", object>;
    readonly conv5: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu5: TypedLayer<"relu", object>;
    readonly pool5: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly flatten: TypedLayer<"flatten", object>;
    readonly fc6: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu6: TypedLayer<"relu", object>;
    readonly drop6: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc7: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu7: TypedLayer<"relu", object>;
    readonly drop7: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc8: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly conv1: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu1: TypedLayer<"relu", object>;
    readonly pool1: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly norm1: TypedLayer<"lrn", LrnLayerOptions>;
    readonly conv2: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu2: TypedLayer<"relu", object>;
    readonly pool2: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly norm2: TypedLayer<"lrn", LrnLayerOptions>;
}>;
/**
 * Creates torchvision's `alexnet` ("One weird trick", Krizhevsky, 2014): no groups, fewer filters,
 * no LRN, and dropout before fc6 and fc7. 61,100,840 parameters for 1000 classes.
 */
declare const torchvisionAlexNet: (classes?: number) => Sequential<{
    readonly conv1: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu1: TypedLayer<"relu", object>;
    readonly pool1: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv2: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu2: TypedLayer<"relu", object>;
    readonly pool2: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly conv3: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu3: TypedLayer<"relu", object>;
    readonly conv4: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu4: TypedLayer<"relu", object>;
    readonly conv5: TypedLayer<"conv2d", Conv2dLayerOptions>;
    readonly relu5: TypedLayer<"relu", object>;
    readonly pool5: TypedLayer<"maxPool", MaxPoolLayerOptions>;
    readonly flatten: TypedLayer<"flatten", object>;
    readonly drop6: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc6: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu6: TypedLayer<"relu", object>;
    readonly drop7: TypedLayer<"dropout", {
        rate: number;
    }>;
    readonly fc7: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
    readonly relu7: TypedLayer<"relu", object>;
    readonly fc8: TypedLayer<"dense", {
        units: number;
        bias: number;
        std: number;
    }>;
}>;
/** Names of the paper's layers, so that a misspelled name is a compile error. */
type LayerName = keyof ReturnType<typeof paperAlexNet>['layers'];

/** The name of a backend. */
type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';
interface BackendOptions {
    /**
     * URL of the folder, ending in "/", with the three .wasm files of @tensorflow/tfjs-backend-wasm,
     * or a URL for each file name. Only networks from `create()` and training of more than a head
     * need them. Pass `false` if the app calls `setWasmPaths` of TensorFlow.js. @default next to
     * this package
     */
    wasmPaths?: string | Record<string, string> | false | undefined;
    /**
     * Number of WASM threads, 1 to 8, but at most the number of cores. More than one thread requires
     * Node or a cross-origin isolated page; otherwise WASM runs on one, and the console warns.
     * `model.threads` is the actual number, and `model.passedOver` says why it is lower. In Node,
     * networks from `create()` and fine-tuned layers always run on one thread. @default 1
     */
    threads?: number | undefined;
    /**
     * The precision of convolutions on WASM. With `'auto'`, `classify` computes them in 8 bits if
     * that is faster on this machine and their weights have at most 127 levels per filter, as in the
     * shipped set; features, activations and training use float32. With `'int8'`, these use 8 bits
     * too, convolutions with more levels are rounded if that changes them little, and so are the
     * inputs of quantized dense layers of at least 2 million weights. `model.precision` is that of
     * `classify`. @default 'auto'
     */
    precision?: 'auto' | 'float32' | 'int8' | undefined;
}

/**
 * The error classes, and the parts of their messages. A message says where the error occurred, what
 * must hold, what was received, and what to do.
 */
/** The base class of all errors that this library throws. */
declare class AlexNetError extends Error {
    name: string;
}
/** A shape that does not fit: of a layer's input, of an image tensor, or between two layers. */
declare class ShapeError extends AlexNetError {
    name: string;
}
/** An invalid option or argument. The operation was not started. */
declare class OptionsError extends AlexNetError {
    name: string;
}
/** Why an image cannot be used: the `code` of an ImageError. */
type ImageErrorCode = 
/** The value is not one of the accepted kinds of image. */
'not-an-image'
/** Pixels or a tensor with the wrong shape or non-finite values, or a disposed tensor. */
 | 'invalid-pixels'
/** There are no bytes or no pixels, as in an image or video that has not loaded yet. */
 | 'empty'
/** The file is damaged, or its format is not supported on this platform. */
 | 'cannot-decode'
/** The file or the element's pixels cannot be read. */
 | 'cannot-read'
/** The URL cannot be fetched. */
 | 'fetch-failed'
/** The canvas is tainted: its pixels come from another site that does not allow reading them. */
 | 'cross-origin'
/** Decoding images in Node requires the package sharp, which is not installed. */
 | 'needs-sharp';
/** A value that is not an image, or an image that cannot be read or decoded. */
declare class ImageError extends AlexNetError {
    /** The image's file name or URL, or "image". */
    readonly where: string;
    /** What is wrong with the image: the message without `where`. */
    readonly problem: string;
    name: string;
    /** The reason, as a constant that code can compare with. */
    readonly code: ImageErrorCode;
    /** The index of the image in the array that was passed. Undefined for a single image. */
    index?: number;
    constructor(
    /** The image's file name or URL, or "image". */
    where: string, 
    /** What is wrong with the image: the message without `where`. */
    problem: string, { code, ...options }: ErrorOptions & {
        code: ImageErrorCode;
    });
}
/** A set of weights that cannot be read. `problems` lists everything that is wrong with it. */
declare class WeightsError extends AlexNetError {
    /** The URL or name of the set. */
    readonly where: string;
    /** One sentence for each problem. */
    readonly problems: readonly string[];
    name: string;
    constructor(
    /** The URL or name of the set. */
    where: string, 
    /** One sentence for each problem. */
    problems: readonly string[], options?: ErrorOptions);
}
/** A backend that is missing or fails its self-test, or a model that is used after `dispose()`. */
declare class BackendError extends AlexNetError {
    name: string;
}
/** Training that cannot continue, such as when the loss is no longer finite. */
declare class TrainingError<Best = unknown> extends AlexNetError {
    /**
     * Creates the model of the best epoch so far, which the caller disposes. Undefined if no epoch
     * was completed.
     */
    readonly best?: (() => Best) | undefined;
    name: string;
    constructor(message: string, 
    /**
     * Creates the model of the best epoch so far, which the caller disposes. Undefined if no epoch
     * was completed.
     */
    best?: (() => Best) | undefined, options?: ErrorOptions);
}

/** The table of a network as data. `String(summary)` is the table as text. */
interface NetworkSummary {
    layers: LayerSummary[];
    /** Of all layers. */
    parameters: number;
    /** Of all layers, for one image. */
    multiplyAdds: number;
    /** The table as text. */
    toString(): string;
}

/** How often and how soon a failed request is repeated. */
interface Retries {
    /** Number of retries for a file, at each mirror. @default 4 */
    times?: number | undefined;
    /**
     * Longest wait before the first retry, in ms; it doubles with each retry. The wait is random.
     * @default 500
     */
    delay?: number | undefined;
    /** Time without a byte after which a connection counts as failed, in ms. @default 20000 */
    stall?: number | undefined;
}

/**
 * How images become the network's input. It is stored with the weights, so that a set always sees
 * pixels prepared as they were in training: the shorter side is resized to `resize`, a square of
 * `crop` × `crop` is cut out and scaled to `inputSize` if that differs, then `(pixel − mean) /
 * std`.
 */
interface Preprocessing {
    /**
     * Length of the shorter side after resizing, in pixels; the aspect ratio is kept. The paper: 256.
     */
    resize: number;
    /** Side of the square that is cut out, in pixels. The paper: 224. */
    crop: number;
    /** Side of the network's input, in pixels. The crop is scaled to it. */
    inputSize: number;
    /** Subtracted from red, green and blue, in levels of 0..255. */
    mean: readonly [number, number, number];
    /**
     * Divides red, green and blue after `mean` is subtracted, in levels of 0..255. @default [1, 1, 1]
     */
    std?: readonly [number, number, number] | undefined;
}

/**
 * LoadProgress: the progress of a load, in phases that are reported one after the other although
 * their work overlaps.
 */
/** The progress of `load`. `loaded` and `total` are in bytes, in the phase 'warm-up' in layers. */
interface LoadProgress {
    phase: 'download' | 'convert' | 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
    loaded: number;
    total: number;
}

/**
 * The manifest's `base` and `tuning`: the set a tuned model is based on, and how it was trained.
 */

/** Where a model's weights come from. */
interface Origin {
    /** The loaded set: its name, and its hash (see `setHash`). */
    base: {
        name: string;
        hash: string;
    };
    /** The layers that have been trained since; all others have the base's weights. */
    trained: readonly string[];
}
/** The set that provides the layers that are not stored. */
interface BaseReference {
    /** The name of the base. */
    name: string;
    /** SHA-256 of its shards' hashes, one per line: see `setHash`. */
    hash: string;
    /** The layers whose weights are the base's. */
    layers: readonly string[];
}
/** Loss and accuracy over some examples. */
interface Metrics {
    /** The mean cross-entropy; with class weights, their weighted mean. */
    loss: number;
    /** The fraction of the examples whose best class is the right one. */
    accuracy: number;
}
/** One epoch of training: `loss` and `accuracy` are means over its examples, before each update. */
interface EpochReport extends Metrics {
    /** From 1. */
    epoch: number;
    /** The number of epochs in total. */
    epochs: number;
    /** Measured on the held-out images after the epoch. */
    validation?: Metrics;
    /** The factor by which the schedule multiplied each layer's learning rate. */
    factor: number;
}
/** The epochs of a training run, in order. */
type History = readonly EpochReport[];
/** Random views of each image. */
interface AugmentOptions {
    /**
     * Views of each image in addition to its center. With `train: 'all'`, which draws a view at each
     * step, 0 means the center alone. @default 1 for a head, else 4
     */
    views?: number | undefined;
    /**
     * Crops at a random position of the central square instead of its center (paper, section 4.1).
     * @default true
     */
    crop?: boolean | undefined;
    /** Mirrors half of the views left to right. @default true */
    mirror?: boolean | undefined;
    /**
     * Standard deviation of the color shifts along the principal colors of the images; 0 for none.
     * @default 0.1
     */
    color?: number | undefined;
    /** @deprecated The former name of `color`. */
    colour?: number | undefined;
}
/** How the head of a tuned model was trained; `addClass` trains the next head in the same way. */
interface TuningRecipe {
    epochs?: number | undefined;
    batchSize?: number | undefined;
    momentum?: number | undefined;
    weightDecay?: number | undefined;
    augment?: boolean | AugmentOptions | undefined;
    seed?: number | undefined;
    headRate: number;
    classWeights: 'auto' | 'equal';
}
/** How a tuned model was made. */
interface TuningRecord {
    /** The set that it was tuned from; undefined for a network built by the user. */
    origin?: Origin;
    history: History;
    recipe: TuningRecipe;
}

/** The types of model.json, the manifest of a set of weights, and the sizes that it states. */

/** One class of a network. */
interface Label {
    /** The name that `classify` returns: `goldfish`. */
    label: string;
    /** The WordNet id, `n01443537`; the label itself for classes that you defined. */
    id: string;
}
/**
 * How the values of one tensor are quantized. The decoded value is
 * `(stored · scale + min) · channelScale[index of the last axis]`.
 */
interface Quantization {
    /** In sets of formatVersion 2 also uint4. */
    dtype: 'uint4' | 'uint8' | 'uint16' | 'float16';
    /** @default 1 */
    scale?: number;
    /** @default 0 */
    min?: number;
    /**
     * The name of a float32 tensor of the set with one factor for each index of the last axis.
     * TensorFlow.js' own reader ignores it.
     */
    channelScale?: string;
}
/** One tensor: TensorFlow.js' `WeightsManifestEntry` plus `channelScale`. */
interface WeightEntry {
    name: string;
    shape: Shape;
    dtype: 'float32';
    quantization?: Quantization;
}
/** One stored file. */
interface Shard {
    /** Relative to model.json. */
    path: string;
    /** Size as stored. */
    bytes: number;
    /** SHA-256 of the stored bytes, in hexadecimal. */
    sha256: string;
    /** For a `.gz`: the inflated file, because some servers and browsers inflate it in transit. */
    inflated?: {
        bytes: number;
        sha256: string;
    };
}
/** Measured accuracy, as fractions, with the images and the command that it was measured with. */
interface MeasuredAccuracy {
    top1: number;
    top5: number;
    /** The number of images. */
    images: number;
    /** The name of the images: `Tiny ImageNet validation`. */
    on: string;
    command: string;
}
/**
 * The contents of model.json. `weightsManifest` is TensorFlow.js' format: the tensors are stored
 * one after the other in the concatenated files of `paths`.
 */
interface Manifest {
    format: 'alexnet-ts';
    /** 2 for sets with tensors of uint4, which earlier versions of this library reject. */
    formatVersion: 1 | 2;
    /** The name of the set: `imagenet-293`. */
    name: string;
    /** `paper`, `caffe`, `caffenet`, `torchvision`, or the name of a custom network. */
    variant: string;
    /** The layers with their options, as `layer.toJSON()` returns them. */
    network: LayerJSON;
    labels: readonly Label[];
    preprocessing: Preprocessing;
    shards: readonly Shard[];
    weightsManifest: readonly {
        paths: readonly string[];
        weights: readonly WeightEntry[];
    }[];
    license?: string;
    /** Where the weights come from, as text. */
    provenance?: string;
    /** Accuracy on the center crop and, where measured, on the paper's ten crops. */
    accuracy?: MeasuredAccuracy & {
        tenCrops?: MeasuredAccuracy;
        photographs?: MeasuredAccuracy;
    };
    /** The set that provides the layers that are not stored in this one. */
    base?: BaseReference;
    /** How a tuned model was trained. */
    tuning?: TuningRecord;
}

/** Files that are read in parts, and their tensors, so that a file need not fit into memory. */

/** A file that is read in parts. */
interface FileParts {
    /** The name used in error messages. */
    name: string;
    /** Size in bytes. */
    size: number;
    /** Returns the bytes from `start` (inclusive) to `end` (exclusive). */
    read(start: number, end: number): Promise<Uint8Array>;
    /**
     * Opens the file with this name in the same folder; undefined if there is none. ONNX can store
     * tensors in another file. @default files that need another one are rejected
     */
    sibling?(name: string): Promise<FileParts | undefined>;
}

/**
 * The types that kernels can be stored as. Biases and scales stay float32. uint4 is for fully
 * connected layers; it stores convolutions as uint8.
 */
type StoredType = 'float32' | 'float16' | 'uint8' | 'uint4';
/** A stored tensor: its manifest entry and its bytes. */
interface Encoded {
    entry: WeightEntry;
    bytes: Uint8Array;
}
/** Encodes integers −128..127 with a factor for each index of the last axis, without loss. */
declare function encodeInt8(name: string, shape: Shape, quantized: Int8Array, factors: Float32Array): Encoded[];
/**
 * Encodes a tensor of a set as `as`. Vectors (biases) stay float32, since they are small.
 * @throws OptionsError for values that are not finite, or too large for float16.
 */
declare function encode(name: string, shape: Shape, values: Float32Array, as: StoredType): Encoded[];

/** How one tensor of a file was converted. */
interface ConvertedTensor {
    /** The name in the file. */
    from: string;
    /** The name in the set. */
    to: string;
    shape: readonly number[];
    /** How the axes were transposed: `OIHW → HWIO`. Empty if they were not. */
    transposed: string;
    /** How it is stored: `uint8`, `float32`, … */
    as: string;
}
/** Returns a tensor's row of the table that a conversion prints. */
declare const tableRow: ({ from, to, shape, transposed, as }: ConvertedTensor) => string;

/** How the converted weights are stored. */
interface EncodeOptions {
    /** How kernels are stored. @default 'float32' */
    quantize?: StoredType | undefined;
    /** Called after each tensor. */
    onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}

/** Compresses the bytes of a shard. */
type Compress = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** A finished set, not yet written anywhere. */
interface WrittenSet {
    manifest: Manifest;
    /** The bytes of each shard, by its path in the manifest. */
    shards: Map<string, Uint8Array>;
}
/** How a set is cut into shards. */
interface WriteOptions {
    /**
     * Compresses the bytes of a shard; false stores them uncompressed. @default the platform's gzip
     */
    compress?: Compress | false | undefined;
    /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
    maxShardBytes?: number | undefined;
    /**
     * Tensors that begin a new shard, so that the tensors before them can be used before they arrive.
     * @default none
     */
    newShardAt?: readonly string[] | undefined;
}
/** The contents of a manifest except its tensors and shards. */
type ManifestFacts = Omit<Manifest, 'format' | 'formatVersion' | 'shards' | 'weightsManifest'>;
/** Tensors, in memory or read on demand. */
type Tensors = Iterable<Encoded> | AsyncIterable<Encoded>;
/**
 * Creates the files of a set. Tensors are stored in the order given, in shards of at most 4 MiB.
 * Put the convolutions first, so that features can be computed before the fully connected layers
 * arrive.
 *
 * @throws OptionsError if maxShardBytes is out of range.
 * @throws WeightsError if the tensors are not those of the network. The set is checked as when it
 * is read.
 */
declare function writeSet(facts: ManifestFacts, tensors: Tensors, options?: WriteOptions): Promise<WrittenSet>;
/**
 * Like `writeSet`, without keeping the set in memory: `sink` receives each shard as soon as it is
 * full, in the manifest's order. The names of shards are known only at the end. If this throws, the
 * shards that the sink has received are unusable.
 */
declare function streamSet(facts: ManifestFacts, tensors: Tensors, sink: (bytes: Uint8Array) => Promise<void> | void, options?: WriteOptions): Promise<Manifest>;
/**
 * The module that a package exports for a set: one static `new URL` per shard, which bundlers
 * follow, and the manifest itself, which then needs no request and is precached with the scripts.
 */
declare const indexModule: (manifest: Manifest) => string;

/** A converted file: the facts of its manifest, and its tensors. */
interface Converted {
    facts: ManifestFacts;
    /** In the order of the layers, convolutions first; each is read on demand. */
    tensors: AsyncIterable<Encoded>;
    /** The first tensor of the dense layers. The tensors before it are enough to extract features. */
    classifierStartsAt: string | undefined;
}

/** Options of `convert`: what the file itself does not state. */
interface ConvertOptions extends EncodeOptions {
    /**
     * The classes, in order: see `readLabels`.
     * @default the labels in the file; without any, those of ImageNet for 1000 classes in
     * torchvision's or Caffe's layout, else `class 0`, `class 1`, …
     */
    labels?: readonly Label[] | undefined;
    /**
     * Subtracted from red, green and blue, in levels of 0..255.
     * @default Caffe's or torchvision's mean of ImageNet
     */
    mean?: readonly [number, number, number] | undefined;
    /**
     * The network of a .caffemodel that does not state it: `caffenet` pools before it normalizes.
     * @default from the file name
     */
    variant?: 'caffe' | 'caffenet' | undefined;
    /**
     * The channel order of an ONNX file's input.
     * @default 'bgr' for a network with LRN, as in Caffe; else 'rgb'
     */
    channels?: 'rgb' | 'bgr' | undefined;
    /** The name of the set. @default the file name without its extension */
    name?: string | undefined;
    /** Called with each assumption that was made, as a sentence. */
    onNote?: ((note: string) => void) | undefined;
}
/**
 * Converts torchvision's `alexnet` (.pth, .safetensors), Caffe's `bvlc_alexnet` and
 * `bvlc_reference_caffenet` (.caffemodel), an AlexNet in ONNX, or a file of this project's recipe
 * or `exportModel`. The numbers of filters, units and classes are read from the file. Tensors are
 * read on demand, and nothing in the file is executed.
 *
 * @throws WeightsError listing every problem if the file has another format or other layers, or is
 * truncated.
 */
declare function convert(file: FileParts, options?: ConvertOptions): Promise<Converted>;

/** How `load()` and the command line convert a file of weights. */

/** What a file of weights does not say, and how its converted set is stored. */
interface ConvertSettings extends Pick<ConvertOptions, 'labels' | 'mean' | 'variant' | 'channels' | 'name'> {
    /**
     * How kernels are stored: one of the types of a set, or false for the file's own precision.
     * @default 'uint8': a factor per output channel and 8 bits per weight
     */
    quantize?: StoredType | false | undefined;
}

/**
 * weightSource(): the source of a set of weights: URLs, files, storage, or an IO handler.
 */

/**
 * The addresses of a set's files, which bundlers emit: the export of `alexnet-ts/weights/<set>`.
 */
interface WeightSet {
    /** The address of the model.json, or its content. */
    manifest: URL | string | object;
    /** Addresses by the path in the manifest. */
    shards: Readonly<Record<string, URL | string>>;
}
/** The types that `load({ weights })` accepts. */
type WeightsInput = string | URL | readonly (string | URL)[] | readonly File[] | FileList | Blob | ArrayBuffer | ArrayBufferView | WeightSet | IOHandler;

/** A backend that has passed its self-test. */
interface ChosenBackend {
    name: BackendName;
    /** The name of the backend in TensorFlow.js. */
    tfBackend: string;
    /**
     * Set on WASM if our own engine computes: TensorFlow.js' backend is not open, and `openTfjs` must
     * be called before its operations.
     */
    lazyTfjs?: true | undefined;
    /** Why backends that were tried earlier cannot be used. */
    passedOver: readonly {
        name: BackendName;
        reason: string;
    }[];
    /** Number of threads of TensorFlow.js' operations, if more than one. */
    threads?: number;
    /** The options that the backend was opened with, in case another one has to replace it. */
    options?: BackendOptions;
    /** The backend that was requested. */
    wanted?: 'auto' | BackendName | undefined;
}

/** The accepted kinds of images, and the file names of images. */

/** Images that the browser has already decoded, or is playing. */
type ElementImage = HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageData | ImageBitmap | VideoFrame;
/** Images by name: a URL (http(s):, blob:, data: or relative to the page), in Node also a path. */
type NamedImage = string | URL;
/**
 * An image, as `classify` accepts it. In a browser: an `<img>`, `<video>` or `<canvas>`, an
 * OffscreenCanvas, ImageData, ImageBitmap or VideoFrame, a Blob or File, an http(s):, blob: or
 * data: URL. In Node: a path, a URL, or a Buffer with an encoded image. In both: a `Tensor3D`
 * `[height, width, channels]` with 1, 3 or 4 channels and values in 0..255.
 */
type ImageInput = ElementImage | Blob | ArrayBuffer | Uint8Array | NamedImage | Tensor3D;

/** Examples with their classes. */
interface TrainingData {
    /** The class of each example. */
    readonly classes: readonly number[];
    /**
     * Returns the network's inputs for these examples, concatenated. `uniform` returns random numbers
     * in [0, 1), for random views.
     */
    inputs(examples: readonly number[], uniform: () => number): Float32Array | Promise<Float32Array>;
}
/**
 * Returns training data from arrays: `values` holds the inputs of all examples, concatenated;
 * `classes` the class of each.
 *
 * @throws OptionsError if the values cannot be divided equally among the examples.
 */
declare function arrayData(values: Float32Array, classes: readonly number[]): TrainingData;

/** The state of a schedule. */
interface ScheduleState {
    /** The factor of each layer's learning rate. */
    factor: number;
    /** Whether training should end. */
    done: boolean;
    /** The lowest error so far; null before the first epoch. */
    best: number | null;
    /** Epochs since the lowest error. */
    waited: number;
    /** How often the rate has been divided. */
    lowered: number;
}
/** How the learning rate changes from epoch to epoch. */
interface Schedule {
    /** Returns the state before the first epoch. */
    start(): ScheduleState;
    /**
     * Returns the state after an epoch with this validation error, or without validation, this
     * training loss.
     */
    next(state: ScheduleState, error: number): ScheduleState;
}
/** Returns a schedule that keeps the learning rate constant. */
declare const constantRate: () => Schedule;
/** Options of `plateau`. */
interface PlateauOptions {
    /** Epochs without a lower error after which the rate is divided. @default 5 */
    patience?: number | undefined;
    /** The divisor of the rate. @default 10 */
    divisor?: number | undefined;
    /**
     * How often the rate is divided. The next time that the error stops falling, training ends.
     * @default 3
     */
    times?: number | undefined;
    /** The amount by which an error must be lower to count as lower. @default 0 */
    threshold?: number | undefined;
}
/**
 * Returns the paper's schedule (section 5): "divide the learning rate by 10 when the validation
 * error rate stopped improving with the current learning rate", three times.
 *
 * @throws OptionsError for an option out of range.
 */
declare function plateau(options?: PlateauOptions): Schedule;

/**
 * Trainer: stochastic gradient descent on the layers of a network, forward and backward layer by
 * layer.
 */

/** Parameters as numbers, by name. */
type WeightArrays = Record<string, Float32Array>;
interface TrainerState {
    weights: WeightArrays;
    velocities: WeightArrays;
}

/** One step, on one batch. `loss` and `accuracy` are the batch's, before the update. */
interface StepReport extends Metrics {
    /** From 1. */
    epoch: number;
    /** The number of epochs. */
    epochs: number;
    /** From 1, over all epochs. */
    step: number;
    /** The number of steps in all epochs. */
    steps: number;
    /** The schedule's factor of each layer's learning rate. */
    factor: number;
    /** The report of the whole epoch, on its last step. */
    completed?: EpochReport;
}
/**
 * The progress of training, as plain data. Together with the trainer's state, it is all that
 * resuming needs.
 */
interface TrainingPosition {
    /** Completed epochs. */
    epoch: number;
    /** Completed steps of the current epoch. */
    stepOfEpoch: number;
    /**
     * Sums over these steps: loss and correct predictions, each weighted by the number of examples,
     * and the number of examples.
     */
    sums: {
        loss: number;
        right: number;
        count: number;
    };
    schedule: ScheduleState;
    history: EpochReport[];
}

/**
 * fit: runs training to its end, with callbacks, early stopping and the weights of the best epoch.
 */

/** Progress of one phase of fine-tuning. */
interface FineTuneProgress {
    /** 'features' counts images that have run through the frozen layers, 'train' counts steps. */
    phase: 'features' | 'train';
    loaded: number;
    total: number;
}

/** One image and its class. */
interface Example {
    image: ImageInput;
    /** The index of the class in `classes`. */
    label: number;
    /** What messages call it, such as a file's path. */
    name?: string | undefined;
}
/** An image, file or folder that was left out, and why. */
interface DatasetProblem {
    name: string;
    /** A sentence. */
    error: string;
}
/** Labeled images. */
interface Dataset<Name extends string = string> {
    classes: readonly Name[];
    examples: readonly Example[];
    /** What was left out, such as duplicates and files that are not images. */
    problems: readonly DatasetProblem[];
}
/** An image and the name of its class. */
interface LabeledImage<Name extends string = string> {
    image: ImageInput;
    label: Name;
    /** What messages call it, such as a file's path. */
    name?: string | undefined;
}
/** The images of one class. */
type Images = Iterable<ImageInput> | AsyncIterable<ImageInput>;
/**
 * Labeled images: `{ cat: images, dog: images }`, a list or a stream of `{ image, label }`, or a
 * dataset.
 */
type DatasetInput<Name extends string = string> = Dataset<Name> | Readonly<Record<Name, Images>> | Iterable<LabeledImage<Name>> | AsyncIterable<LabeledImage<Name>>;
/** Options of `toDataset`. */
interface DatasetOptions {
    /** The beginning of error messages. @default 'dataset' */
    where?: string | undefined;
    /** The minimum number of classes; training needs two. @default 1 */
    minClasses?: number | undefined;
    /** Stops reading with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/**
 * Collects labeled images. Classes have the order of an object's keys, or of their first image in a
 * list. Of encoded images with the same bytes, the first is kept, and the others are listed in
 * `problems`. The images of a stream are copied as they arrive, so that a stream can draw all of
 * them on the same canvas; do not dispose a tensor before training has ended.
 *
 * @throws OptionsError for other input, no images, an empty class, too few classes, or two labels
 * that differ in case only.
 */
declare function toDataset<const Name extends string>(input: DatasetInput<Name>, options?: DatasetOptions): Promise<Dataset<Name>>;

/** Gray, RGB or RGBA values, row by row, in 0..255. Alpha is straight, not premultiplied. */
interface Pixels {
    /** In pixels. */
    width: number;
    /** In pixels. */
    height: number;
    /** Gray, RGB or RGBA. */
    channels: 1 | 3 | 4;
    data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** The only resampler of this library, so that browsers and Node see the same pixels. */

/** A rectangle of pixels. */
interface Rectangle {
    left: number;
    top: number;
    width: number;
    height: number;
}

/**
 * `'center'`: one view. `'ten'`: the four corners, the center and their mirror images; the
 * predictions are averaged. `'centre'` is accepted for `'center'`.
 */
type CropKind = 'center' | 'ten' | 'centre';
/** A square of an image, optionally mirrored left to right. */
interface Crop extends Rectangle {
    mirrored: boolean;
}
/**
 * Returns the crops of side `size` of an image of `width` × `height`, all in pixels.
 *
 * As in the paper, they are cut from the central square of the resized image, so the corners of a
 * long image are the corners of its middle. If a margin is odd, the extra pixel is on the right or
 * at the bottom. The order is top left, top right, bottom left, bottom right, center, then the
 * mirror images of these five.
 */
declare function crops(kind: CropKind, width: number, height: number, size: number): Crop[];

/** topK: the most probable classes, best first. averageViews: the mean scores of several views. */

/** One class with its probability. */
interface Prediction<Name extends string = string> {
    label: Name;
    /** The WordNet id, or the label for classes without one. */
    id: string;
    /** Position among the classes. */
    index: number;
    /** In [0, 1]. The probabilities of all classes sum to 1. */
    probability: number;
}
/** Which predictions to return. */
interface TopKOptions {
    /**
     * The number of predictions, at least 1. If larger than the number of classes, all are returned.
     * @default 5
     */
    topK?: number | undefined;
    /** Leaves out classes with a lower probability than this, in [0, 1]. @default 0 */
    minProbability?: number | undefined;
}
/** Options of `classify`. */
interface ClassifyOptions extends TopKOptions {
    /**
     * One view of the center, or the paper's ten, whose predictions are averaged (section 4.1).
     * @default 'center'
     */
    crops?: CropKind | undefined;
    /**
     * Called for each image of an array that cannot be read, whose result is then an empty list;
     * `error.index` is its position. @default the first such image rejects the whole call
     */
    onImageError?: ((error: ImageError) => void) | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}

/** AccuracyMeter: counts right and wrong predictions. Returns accuracy and the confusion matrix. */

/** The number of images of one class that were classified as another. */
interface Confusion {
    /** The class of the images. */
    actual: string;
    /** The class predicted for them. */
    predicted: string;
    count: number;
}
/** The accuracy on the images of one class. */
interface ClassAccuracy {
    label: string;
    /** The number of images of this class. */
    images: number;
    /** Fraction in [0, 1]. */
    top1: number;
    /** Fraction in [0, 1]. */
    top5: number;
}
/** The accuracy on a set of images. */
interface Accuracy {
    /**
     * Fraction of the images whose most probable class is right. The paper's top-1 error is 1 minus
     * this.
     */
    top1: number;
    /** Fraction of the images whose class is among the five most probable. */
    top5: number;
    /** The number of images. */
    images: number;
    /**
     * In order of frequency, the most frequent first; equally frequent ones in the order of the
     * classes.
     */
    confusions: Confusion[];
    /** In the order of the classes. Only classes with images. */
    perClass: ClassAccuracy[];
}

/** A model that classifies images: any `Model` of alexnet-ts. */
interface ClassifyingModel {
    readonly labels: readonly string[];
    readonly classes: readonly {
        label: string;
        id: string;
    }[];
    classify(images: readonly ImageInput[], options: {
        topK: number;
        crops: CropKind;
        signal?: AbortSignal | undefined;
    }): Promise<Pick<Prediction, 'index'>[][]>;
}
/** Options of `evaluate`. */
interface EvaluateOptions {
    /** The center view, or the paper's ten views, averaged. @default 'center' */
    crops?: CropKind | undefined;
    /** Called with the number of images done. */
    onProgress?: ((progress: {
        phase: 'evaluate';
        loaded: number;
        total: number;
    }) => void) | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** How well a model recognizes one class. Fractions of no images are 0. */
interface ClassEvaluation {
    label: string;
    /** The number of images of this class. */
    images: number;
    /** Of the images predicted as this class, the fraction that are of it. */
    precision: number;
    /** Of the images of this class, the fraction predicted as it. */
    recall: number;
    /** The harmonic mean of precision and recall. */
    f1: number;
}
/** The accuracy of a model. `String(evaluation)` is a table. */
interface Evaluation extends Omit<Accuracy, 'perClass'> {
    /** In the order of the model's classes. */
    perClass: ClassEvaluation[];
    labels: readonly string[];
    /**
     * The confusion matrix, `matrix[actual][predicted]`: numbers of images, in the order of `labels`.
     */
    matrix: number[][];
    /** Images that were left out, and why. */
    problems: readonly DatasetProblem[];
    /** Returns a table. */
    toString(): string;
}
/**
 * Classifies labeled images. Their labels must be labels or WordNet ids of the model's classes.
 * Images that cannot be read are left out and listed in `problems`.
 *
 * @throws OptionsError for a label that the model does not have.
 */
declare function evaluate(model: ClassifyingModel, images: DatasetInput, options?: EvaluateOptions): Promise<Evaluation>;

/** Options of `fineTune`; all are optional. */
interface FineTuneOptions<Label extends string = string> {
    /**
     * The layers to train: `'head'`, a new last layer; `'classifier'`, all dense layers (the paper's
     * fc6 to fc8); `'all'`; or a list of names. The head is always trained, from zeros; all other
     * layers start from the weights they have. @default 'head'
     */
    train?: 'head' | 'classifier' | 'all' | readonly (LayerName | (string & {}))[] | undefined;
    /** Passes over the images. @default 20 for a head, and at least 200 steps; else 10 */
    epochs?: number | undefined;
    /** Images per step. @default 16 */
    batchSize?: number | undefined;
    /**
     * Step size along the gradient, for all layers or by layer; layers that are not named use the
     * default. @default 0.01 for a head, else 0.001, and less for a first layer with small weights
     */
    learningRate?: number | Readonly<Record<string, number>> | undefined;
    /**
     * Fraction of the previous step that is added to the next one (paper, section 5). @default 0.9
     */
    momentum?: number | undefined;
    /**
     * Fraction of the weights that a step subtracts, times the learning rate (paper, section 5).
     * @default 0.0005
     */
    weightDecay?: number | undefined;
    /** Fraction of each class that is held out for validation, in [0, 1). @default 0 */
    validationSplit?: number | undefined;
    /**
     * Also trains on random views of the images: the paper's crops, mirror images and color shifts.
     * @default false for a head, else true
     */
    augment?: boolean | AugmentOptions | undefined;
    /**
     * The weight of each class in the loss: `'auto'` gives classes equal weight regardless of their
     * number of images, `'equal'` gives images equal weight; or weights by label, 1 for labels that
     * are not named. @default 'auto'
     */
    classWeights?: 'auto' | 'equal' | Readonly<Partial<Record<Label, number>>> | undefined;
    /**
     * Ends training after `patience` epochs without a lower validation loss (without validation:
     * training loss), with the best epoch's weights.
     */
    earlyStopping?: {
        patience: number;
    } | undefined;
    /**
     * Seed of everything random: the same seed on the same backend gives the same history. @default 0
     */
    seed?: number | undefined;
    /** Keeps the features of the images with the model, for `addClass`. @default true */
    keepFeatures?: boolean | undefined;
    /** Called after each step. */
    onBatch?: ((report: StepReport) => void) | undefined;
    /** Called after each epoch. */
    onEpoch?: ((report: EpochReport) => void) | undefined;
    /** Called with the progress of the feature pass, then of training. */
    onProgress?: ((progress: FineTuneProgress) => void) | undefined;
    /** Ends the run with the signal's reason; `run.best()` still returns the best model so far. */
    signal?: AbortSignal | undefined;
}

/** Options of `addClass`. */
interface AddClassOptions {
    /** Called with the progress of the feature pass, then of training. */
    onProgress?: FineTuneOptions['onProgress'] | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
}

/** The parts of a model, and the results of its methods. */

/** Numbers and their shape, without the batch axis: height × width × channels, or units. */
interface Activations {
    shape: number[];
    data: Float32Array;
}
/** The argument of `onBackendChange`. */
interface BackendChange {
    from: BackendName;
    to: BackendName;
    reason: string;
}

/**
 * A fine-tuned model. It shares the weights that were not trained with the model that it was made
 * from.
 */
declare class TunedModel<Name extends string = string> extends Model<Name> {
    #private;
    /** The reports of training, one per epoch. */
    readonly history: History;
    /** Images that were left out of training, and why. */
    readonly problems: readonly DatasetProblem[];
    /**
     * Classifies labeled images, and returns top-1 and top-5 accuracy, precision and recall of each
     * class, and the confusion matrix. `String(evaluation)` is a table.
     */
    evaluate(images: DatasetInput, options?: EvaluateOptions): Promise<Evaluation>;
    /**
     * Returns a new model with one more class. Its head is trained further on the features of the new
     * images and of the earlier ones, which this model has kept; all other layers are unchanged.
     *
     * @throws OptionsError for a label that exists, or if the features were not kept (`keepFeatures:
     * false`, or a saved model).
     */
    addClass<const Label extends string>(label: Label, images: Images, options?: AddClassOptions): Promise<TunedModel<Name | Label>>;
    /**
     * Returns a new model without a class: the other classes share its probability. Nothing is
     * trained.
     */
    removeClass<const Label extends Name>(label: Label): Promise<TunedModel<Exclude<Name, Label>>>;
}

/**
 * A running `fineTune()`. `await run` returns the tuned model. `for await (const { epoch, step,
 * loss } of run)` runs the steps one by one: the next step starts when the loop's body has
 * finished. `break` ends the run and frees everything; the promise then rejects with an AbortError,
 * without an unhandled rejection. You can loop first and then await the run.
 */
declare class FineTuneRun<Name extends string = string> implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport> {
    #private;
    /** Marks the run as not a plain object, so that Vue and others do not wrap it in a Proxy. */
    get [Symbol.toStringTag](): string;
    /** Like `Promise.prototype.then`. */
    then<A = TunedModel<Name>, B = never>(onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    /** Like `Promise.prototype.catch`. */
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<TunedModel<Name> | B>;
    /** Like `Promise.prototype.finally`. */
    finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>>;
    /** Pauses before the next step. */
    pause(): void;
    /** Continues after `pause()`. */
    resume(): void;
    /**
     * Ends training after the current step. The promise resolves to the model of the best epoch so
     * far, or of the last step if no epoch has ended.
     */
    stop(): void;
    /**
     * Returns a model of the best epoch so far, even after the run was aborted or failed; undefined
     * before the first epoch has ended. Dispose it like any other model.
     * @throws BackendError if the run has ended and the model that it started from was disposed.
     */
    best(): TunedModel<Name> | undefined;
    /**
     * Iterates over the steps. A run has one loop; it ends without an error when the run's signal is
     * aborted.
     */
    [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined>;
}

/** The options of a model's methods, and their rules. */

/** Options of `activations`. */
interface ActivationOptions {
    /** Returns the output before the ReLU that follows the layer, if one does. @default false */
    beforeRelu?: boolean | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** Options of `embed`. */
interface EmbedOptions {
    /** The layer whose output to return. @default 'fc7' */
    layer?: LayerName | (string & {}) | undefined;
    /**
     * Called for each image of an array that cannot be read, whose result is then an empty array;
     * `error.index` is its position. @default the first such image rejects the whole call
     */
    onImageError?: ((error: ImageError) => void) | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** Options of `preprocess`. */
type PreprocessOptions = Pick<ClassifyOptions, 'crops' | 'signal'>;

/** Anything that `model.save` accepts. */
type SaveTarget = string | URL | IOHandler;

/** Saves a model as a set of weights that `load` reads: its trained layers, or all layers. */

/** Options of `save`. */
interface SaveOptions {
    /**
     * Stores every layer. By default the layers that still have the weights of the base (the set that
     * the model was loaded from) are left out, and `load` takes them from the base: a head of two
     * classes takes 33 kB. @default false
     */
    whole?: boolean | undefined;
    /** How the values of kernels are stored; biases stay float32. @default 'float32', without loss */
    as?: StoredType | undefined;
    /** Stops saving with the signal's reason. The model saved there before is unchanged. */
    signal?: AbortSignal | undefined;
}
/** The result of `save`. */
interface SaveResult {
    /** Size of all shards, in bytes. */
    bytes: number;
    /** The layers that were stored. */
    layers: string[];
    /** The set that provides the other layers, which `load` needs. */
    base?: {
        name: string;
        hash: string;
    };
}

/** Model: what load() and create() return. Each method is a few calls into the other folders. */

/**
 * A network with its weights on one backend. Made by `load()` and `create()`. `dispose()` frees its
 * tensors; later calls throw a BackendError. No call changes the state of the app's own
 * TensorFlow.js.
 *
 * You may make several calls without awaiting them: `classify`, `embed`, `activations` and
 * `preprocess` queue up and run in the order in which they were made. A long array is split into
 * batches of 20 views (20 images, or two in ten crops), between which other calls run. Files,
 * encoded bytes and URLs are read when their call starts; canvases, videos, pixels and tensors
 * immediately. Waiting calls hold at most 256 MiB of these (434 images for AlexNet); a call beyond
 * that throws a BackendError. An aborted call leaves the queue immediately.
 */
declare class Model<Name extends string = string> {
    #private;
    /** The name of the set of weights. */
    readonly name: string;
    /** The layers. */
    readonly net: Sequential;
    /** The names of the classes, by index. */
    readonly labels: readonly Name[];
    /** The classes with their WordNet ids, by index. */
    readonly classes: readonly Label[];
    /** How an image becomes the network's input. */
    readonly preprocessing: Preprocessing;
    /**
     * The set that the model was loaded from, and the layers trained since; undefined for initial
     * weights.
     */
    readonly origin: Origin | undefined;
    /**
     * Called when the model has moved from WebGL to WASM because its WebGL context was lost. The
     * current call still returns its result. If the browser restores the context within two seconds,
     * the model stays on WebGL (at most twice, and not during `fineTune()`); this is not reported.
     */
    onBackendChange?: ((change: BackendChange) => void) | undefined;
    /** Marks the model as not a plain object, so that Vue and others do not wrap it in a Proxy. */
    get [Symbol.toStringTag](): string;
    /** The backend that computes the model. */
    get backend(): BackendName;
    /**
     * Resolves when all weights have loaded: immediately, unless `stream` was set. Rejects when
     * loading fails or is aborted, or the model is disposed first.
     */
    get ready(): Promise<void>;
    /**
     * Number of threads that compute: more than 1 only on WASM, if `threads` were requested and could
     * start.
     */
    get threads(): number;
    /**
     * The precision in which `classify` computes: see the option `precision` of `load`.
     */
    get precision(): 'float32' | 'int8';
    /**
     * Why the backends that `'auto'` prefers were not used, and why WASM has one thread where more
     * were requested.
     */
    get passedOver(): ChosenBackend['passedOver'];
    /**
     * Returns the most probable classes of an image, best first; for an array of images, one list per
     * image.
     *
     * @throws ImageError for an input that is not an image or cannot be read; in an array, with its
     * index.
     * @throws OptionsError for an option out of range. A `topK` larger than the number of classes
     * returns all.
     */
    classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    /**
     * Returns the features of an image: the output of `layer` after its ReLU, as a flat array. The
     * default is fc7, whose 4096 features are close for similar images (paper, figure 4). For an
     * array of images, returns one Float32Array per image.
     */
    embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
    embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
    /**
     * Returns the output of a layer for the center crop of an image. As in the paper and in Caffe's
     * blobs, the output of `conv5` is the one after its ReLU; `{ beforeRelu: true }` returns the sums
     * before it.
     *
     * @throws OptionsError for a name that is not a layer of the network.
     */
    activations(image: ImageInput, layer: LayerName | (string & {}), options?: ActivationOptions): Promise<Activations>;
    /**
     * Returns the weights of a layer: the filters of a convolution, `[size, size, channels per group,
     * filters]`, or the matrix of a dense layer, `[in, out]`.
     */
    filters(layer: LayerName | (string & {})): Promise<Activations>;
    /**
     * Returns the network's input for an image, with the shape `[views, inputSize, inputSize, 3]`:
     * one view, or ten with `crops: 'ten'`. For inspection, and for comparison with other
     * implementations.
     */
    preprocess(image: ImageInput, options?: PreprocessOptions): Promise<Activations>;
    /** Returns the layers with their shapes, parameters and multiply-adds; as a string, a table. */
    summary(): NetworkSummary;
    /**
     * Trains the network on labeled images, and returns a new model that recognizes their classes.
     * This model does not change, and can be disposed while the run trains; the two models share the
     * weights that are not trained. The run is a promise of the new model, and an async iterable of
     * its steps:
     *
     *     const pets = await model.fineTune({ cat: cats, dog: dogs });
     *     for await (const { epoch, step, loss } of model.fineTune({ cat: cats, dog: dogs })) …
     *
     * Images that cannot be read are left out and listed in the new model's `problems`.
     *
     * @throws OptionsError (the run rejects) for options out of range, fewer than two classes, a
     * class without images, or two labels that differ in case only.
     * @throws TrainingError (the run rejects) when the loss diverges; its `best()` returns the best
     * model so far.
     */
    fineTune<const Label extends string>(images: Readonly<Record<Label, Images>>, options?: FineTuneOptions<NoInfer<Label>>): FineTuneRun<Label>;
    fineTune<const Label extends string>(images: DatasetInput<Label> | Iterable<LabeledImage<Label>>, options?: FineTuneOptions<NoInfer<Label>>): FineTuneRun<Label>;
    /**
     * Saves the model as a set of weights that `load({ weights })` reads: to `'indexeddb://pets'` or
     * `'downloads://pets'` (a zip) in a browser, to a path or file: URL of a folder in Node, or to a
     * TensorFlow.js IO handler. The set contains labels, preprocessing, network, history and weights.
     * For a tuned model, only the trained layers are stored, with the hash of the set that the others
     * come from: a head of two classes takes 33 kB. If saving fails, the model saved there before is
     * unchanged.
     *
     * @throws WeightsError when the target cannot be written to, for example because the browser's
     * storage is full.
     * @throws OptionsError for an invalid target or option.
     */
    save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult>;
    /**
     * Whether the model was fine-tuned, in this session or before it was saved. A tuned model has
     * `history`, `evaluate()`, `addClass()` and `removeClass()`.
     */
    isTuned(): this is TunedModel<Name>;
    /**
     * Frees the tensors. The current call returns its result or throws a BackendError; waiting and
     * later calls throw. May be called more than once.
     */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}

/** load(): backend → weights → model. And create(): a model of your own network. */

interface StartingOptions extends BackendOptions {
    /**
     * The backend to compute on. `'auto'` uses the first that passes a self-test: WebGL on a real
     * GPU, then WASM, then CPU. @default 'auto'
     */
    backend?: 'auto' | BackendName | undefined;
    /**
     * Called with the phase of loading and how much of it is done: in bytes, for the warm-up in
     * layers. For a file of another framework, `'download'` and `'convert'` come first, in bytes of
     * the file; a file that the server sends in parts is downloaded while it is converted.
     */
    onProgress?: ((progress: LoadProgress) => void) | undefined;
    /** Stops loading with the signal's reason, and frees everything. */
    signal?: AbortSignal | undefined;
}
/** Options of `load`. */
interface LoadOptions extends StartingOptions {
    /**
     * The URL or path of a model.json, a list of mirrors to try in order, the files of a set or a zip of
     * them, a set imported from `alexnet-ts/weights/…`, a model saved as `indexeddb://name`, or a
     * TensorFlow.js IO handler. Also a .pth, .safetensors, .caffemodel or .onnx with an AlexNet, as a
     * URL, path, File, Blob or bytes: see `convert`. @default the shipped set
     */
    weights?: WeightsInput | undefined;
    /**
     * For a tuned model that was saved without the layers of its base: the set that it was tuned
     * from, or a model of that set on the same backend, which then shares its weights. @default the
     * shipped set
     */
    base?: WeightsInput | Model | undefined;
    /**
     * How a file of another framework is converted. It is read in parts and stored as uint8 unless
     * `quantize` says otherwise. Has no effect on a set. @default `{ quantize: 'uint8' }`
     */
    convert?: ConvertSettings | undefined;
    /**
     * `'auto'` keeps the shards in the browser's Cache API, by their hash, where there is one, and
     * converted sets there or, in Node, in the user's cache folder. @default 'auto'
     */
    cache?: 'auto' | false | undefined;
    /**
     * How often to repeat a request that failed because of the network or a busy server, at each
     * mirror: a number, or `{ times, delay, stall }` with milliseconds. @default 4
     */
    retries?: number | Retries | undefined;
    /**
     * Resolves as soon as the layers before the first fully connected one have their weights, which
     * are downloaded first. `embed`, `activations` and `filters` of these layers work immediately;
     * calls that need a later layer wait for it, and fail if its weights cannot be loaded. See
     * `model.ready`. `signal` and `onProgress` stay in use until all is loaded. @default false
     */
    stream?: boolean | undefined;
}
/** Options of `create`. */
interface CreateOptions<Name extends string = string> extends StartingOptions {
    /** Names of the classes, by index. @default class 0, class 1, … */
    labels?: readonly Name[] | undefined;
    /**
     * How an image becomes the network's input. @default the paper's: shorter side to 256/227 of the
     * input, center crop, ImageNet's mean subtracted
     */
    preprocessing?: Preprocessing | undefined;
    /** Seed of the initial weights: the same seed gives the same network. @default 0 */
    seed?: number | undefined;
}
/**
 * Loads a set of weights: `const model = await load()`. You can pass an address instead of options:
 * `load('pets/model.json')` means `load({ weights: 'pets/model.json' })`. A saved tuned model is
 * loaded as one: see `isTuned()`.
 *
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it, or
 * its base is another one.
 * @throws BackendError when no backend can be used, with the reason for each.
 * @throws OptionsError for an option out of range.
 */
declare function load<const Name extends string = string>(weights: string | URL): Promise<Model<Name>>;
declare function load<const Name extends string = string>(options?: LoadOptions): Promise<Model<Name>>;
/**
 * Makes a model of your own network, with initial weights. The network needs an `inputShape`, and
 * ends in one score per class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not fit together.
 */
declare function create<const Name extends string = string>(net: Sequential, options?: CreateOptions<Name>): Promise<Model<Name>>;

/** The examples as JSON, the features as base64 of half-precision floats. */
interface KnnJSON {
    format: 'alexnet-ts-knn';
    formatVersion: 1;
    layer: string;
    k: number;
    distance: 'cosine' | 'euclidean';
    /**
     * The model that computed the features: the hash of its set of weights, and those of its layers
     * up to `layer` that were trained since.
     */
    model: {
        hash: string | null;
        trained: string[];
    };
    /** The number of values of an example's features. */
    length: number;
    examples: {
        label: string;
        features: string;
    }[];
}
/** What `knn` needs from a model, which can be in a worker. */
interface Embedder {
    readonly net: {
        readonly names: readonly string[];
    };
    readonly origin: Origin | undefined;
    embed(images: readonly ImageInput[], options?: {
        layer?: string | undefined;
        signal?: AbortSignal | undefined;
    }): Promise<Float32Array[]>;
}

/** Options of `knn`. */
interface KnnOptions {
    /** The layer whose output is compared. @default 'fc7' */
    layer?: string | undefined;
    /** The number of nearest examples that vote. With fewer examples, all vote. @default 9 */
    k?: number | undefined;
    /**
     * `'cosine'` compares the directions of features, `'euclidean'` their values. Cosine is usually
     * more accurate. @default 'cosine'
     */
    distance?: 'cosine' | 'euclidean' | undefined;
}

/** A classifier of examples. It keeps their features on the CPU, without tensors. */
declare class Knn<Name extends string = string> {
    #private;
    readonly layer: string;
    readonly k: number;
    readonly distance: 'cosine' | 'euclidean';
    /**
     * Marks the classifier as not a plain object, so that Vue and others do not wrap it in a Proxy.
     */
    get [Symbol.toStringTag](): string;
    /** The classes that have examples, in the order in which the classes were added. */
    get labels(): Name[];
    /** The number of examples of each class. */
    get counts(): Record<Name, number>;
    /**
     * Adds one image or several as examples of a class. If one cannot be read, the call rejects with
     * an ImageError, and none is added.
     */
    add(label: Name, images: ImageInput | readonly ImageInput[], options?: {
        signal?: AbortSignal | undefined;
    }): Promise<void>;
    /** Removes the examples of a class. Returns whether there were any. */
    remove(label: Name): boolean;
    /**
     * Returns the classes of an image, best first; for an array, one list per image. The probability
     * of a class is its share of the votes of the k nearest examples. Nearer examples have more
     * weight.
     *
     * @throws OptionsError if there are no examples.
     * @throws ImageError if one of the images cannot be read, with its index.
     */
    classify(image: ImageInput, options?: TopKOptions & {
        signal?: AbortSignal | undefined;
    }): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: TopKOptions & {
        signal?: AbortSignal | undefined;
    }): Promise<Prediction<Name>[][]>;
    /** Returns the examples as JSON, 11 kB each. `knn.from(model, json)` restores them. */
    toJSON(): KnnJSON;
    /** Removes all examples. Does not dispose the model. Later calls throw. */
    dispose(): void;
    /** `using pets = knn(model)` disposes it at the end of the block. */
    [Symbol.dispose](): void;
}
declare function from<Name extends string = string>(model: Embedder, json: KnnJSON): Knn<Name>;
/**
 * Creates a classifier of examples: `const pets = knn(model); await pets.add('cat', photo); await
 * pets.classify(other)`. One example of each class is enough. Do not dispose the model before the
 * classifier. `knn.from(model, json)` restores what `toJSON()` returned.
 */
declare const knn: (<Name extends string = string>(model: Embedder, options?: KnnOptions) => Knn<Name>) & {
    /** Restores the examples of `toJSON()`, for the model that computed them. */
    from: typeof from;
};

/** The input of `datasetFromFiles`, with a drop as its entries. */
type FilesInput = FileList | readonly File[] | FileSystemDirectoryHandle | Blob | readonly FileSystemEntry[];

/** Progress of reading files. */
interface FilesProgress {
    /** 'read' counts the bytes of a zip, 'check' counts images. */
    phase: 'read' | 'check';
    loaded: number;
    total: number;
}
/** Options of `datasetFromFiles` and `datasetFromFolder`. */
interface FilesOptions {
    /** Called with the progress. */
    onProgress?: ((progress: FilesProgress) => void) | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
    /**
     * `'decode'` decodes each image once, and reports those that cannot be decoded; `'none'` leaves
     * that to training, which also leaves out broken images. @default 'decode'
     */
    check?: 'decode' | 'none' | undefined;
}

/**
 * Returns a dataset from one folder per class: the FileList of an `<input type="file"
 * webkitdirectory>`, the handle of `showDirectoryPicker()`, `event.dataTransfer` of a drop, files
 * whose names contain their paths, or a zip. Folders around all classes are skipped. Duplicates,
 * files that are not images and images that cannot be decoded are left out and listed in
 * `problems`.
 *
 * @throws OptionsError if there are no images in folders, two folders differ in case only, the
 * folders are parts of a set (train, val, …) that contain the classes, or a zip is broken or too
 * large.
 */
declare function datasetFromFiles(files: FilesInput | DataTransfer, options?: FilesOptions): Promise<Dataset>;
/**
 * Returns a dataset from a folder on disk that contains one folder per class. In Node only.
 *
 * @throws OptionsError for a folder that does not exist or has no images in folders, and in a
 * browser.
 */
declare function datasetFromFolder(path: string, options?: FilesOptions): Promise<Dataset>;

/**
 * Models in the browser's storage. A model is written shard by shard, and becomes visible when it
 * is complete.
 */

/** A model in the browser's storage. */
interface SavedModel {
    /** The argument for `load({ weights })` and `remove()`: `indexeddb://pets`. */
    where: string;
    labels: readonly string[];
    /** Size in the storage, in bytes. */
    bytes: number;
    savedAt: Date;
    /** The set that provides the other layers, if only the trained ones were saved. */
    base?: {
        name: string;
        hash: string;
    };
}

/**
 * `saved()` and `remove()`: the models in the browser's storage. Their code is loaded on demand.
 */

/**
 * Returns the models that this site has saved as `indexeddb://…` in this browser, by name; none
 * without IndexedDB.
 */
declare const saved: () => Promise<SavedModel[]>;
/**
 * Deletes a model: `await remove('indexeddb://pets')`. Returns whether there was one.
 *
 * @throws OptionsError if the address is not `indexeddb://` and a name.
 * @throws WeightsError if the storage cannot be used.
 */
declare const remove: (where: string) => Promise<boolean>;

export { AlexNetError, BackendError, FineTuneRun, ImageError, Knn, Model, OptionsError, ShapeError, TrainingError, TunedModel, WeightsError, arrayData, caffeAlexNet, caffeNet, constantRate, conv2d, convert, create, crops, datasetFromFiles, datasetFromFolder, dense, dropout, encode, encodeInt8, evaluate, flatten, formatShape, indexModule, knn, layerFromJSON, load, lrn, maxPool, paperAlexNet, plateau, random, relu, remove, saved, sequential, sequentialFromJSON, softmax, streamSet, tableRow, tanh, toDataset, torchvisionAlexNet, writeSet };
export type { Activations, AddClassOptions, BackendChange, BackendName, ClassifyOptions, Conv2dOptions, ConvertOptions, ConvertedTensor, CreateOptions, CropKind, Dataset, DatasetInput, DatasetProblem, DenseOptions, DropoutOptions, EmbedOptions, EpochReport, Evaluation, FilesInput, FilesOptions, FineTuneOptions, History, ImageInput, Images, KnnOptions, Label, LabeledImage, Layer, LayerJSON, LayerName, LayerSummary, LoadOptions, LoadProgress, LrnOptions, Manifest, MaxPoolOptions, NetworkSummary, Origin, Pixels, Prediction, Preprocessing, SaveOptions, SaveResult, SaveTarget, SavedModel, Schedule, Sequential, Shape, StepReport, TrainerState, TrainingData, TrainingPosition, WeightSet, WeightsInput };
