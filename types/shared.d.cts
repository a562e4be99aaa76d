import { Tensor, Tensor3D } from '@tensorflow/tfjs-core/dist/tensor.js';
import { IOHandler } from '@tensorflow/tfjs-core/dist/io/types.js';

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
/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All have the same
 * shape. Takes its three inputs over: none may be used afterwards; the tensors to go on with are returned, on WASM the same ones
 * with new values. Tensors that share their values with others (`clone`) leave those as they are.
 */
declare function momentumUpdate(tensors: {
    weights: Tensor;
    velocity: Tensor;
    gradient: Tensor;
}, options: UpdateOptions): {
    weights: Tensor;
    velocity: Tensor;
};

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
/** A seeded generator of uniform numbers in [0, 1): sfc32, whose four words of state pass PractRand. */
declare function random(seed: number): () => number;
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
/** A layer is a value: what it computes, and no state. */
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
        x?: boolean | undefined;
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

/** What `conv2d` takes. */
interface Conv2dOptions {
    /** Output channels. */
    filters: number;
    /** Side of the square filter, in pixels. */
    size: number;
    /** Step of the window, in pixels. @default 1 */
    stride?: number | undefined;
    /** Zeros on each side, in pixels, or a number for each side that has any: `{ right: 3, bottom: 3 }`. @default 0 */
    pad?: number | Partial<Padding> | undefined;
    /** Parts of the channels that do not see each other: the paper's two GPUs are 2. @default 1 */
    groups?: number | undefined;
    /** Initial value of the biases. @default 0 */
    bias?: number | undefined;
    /** Standard deviation of the initial filters. @default 0.01 */
    std?: number | undefined;
}
/**
 * 2-D convolution with bias: `[n, h, w, c]` → `[n, h′, w′, filters]`, h′ = ⌊(h + top + bottom − size) / stride⌋ + 1.
 * Learns `kernel` `[size, size, c / groups, filters]` (TensorFlow's HWIO; PyTorch and Caffe hold OIHW) and `bias`
 * `[filters]`. Group g of the output sees group g of the input (paper, section 3.5).
 */
declare function conv2d({ filters, size, stride, pad, groups, bias, std, }: Conv2dOptions): Layer;

/** What `dense` takes. */
interface DenseOptions {
    /** Outputs. */
    units: number;
    /** Initial value of the biases. @default 0 */
    bias?: number | undefined;
    /** Standard deviation of the initial weights. @default 0.01 */
    std?: number | undefined;
}
/**
 * Every output from every input: `[n, in]` → `[n, units]`, `y = x · kernel + bias`. Learns `kernel` `[in, units]` (PyTorch and
 * Caffe hold `[units, in]`) and `bias` `[units]`. Takes a vector: put `flatten` before it.
 */
declare function dense({ units, bias, std }: DenseOptions): Layer;

/** What `dropout` takes. */
interface DropoutOptions {
    /** Share of the values that are set to zero in training, in [0, 1). @default 0.5 */
    rate?: number | undefined;
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
/** What `sequential` takes beside its layers. */
interface SequentialOptions {
    /** What the network takes, without the batch axis: `[227, 227, 3]`. Needed by whoever makes a model of it. */
    inputShape?: Shape | undefined;
}
/** Layers in a row, each with a name. */
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

/** What `lrn` takes: the letters of the paper, section 3.3. */
interface LrnOptions {
    /** Channels that a value is compared with, itself among them; odd. @default 5 */
    n?: number | undefined;
    /** What the sum starts from: the paper's 2, Caffe's 1. @default 2 */
    k?: number | undefined;
    /** Weight of the sum of squares, **not** divided by n, as in the paper and TensorFlow.js. Caffe's and PyTorch's is n times this. @default 1e-4 */
    alpha?: number | undefined;
    /** Exponent of the sum. @default 0.75 */
    beta?: number | undefined;
}
/**
 * `b[c] = a[c] / (k + alpha · Σ a[c′]²)^beta` over the n channels around c, fewer at the ends (paper, section 3.3).
 * `[n, h, w, c]`, unchanged. Depends on the scale of its input: alpha belongs to a set of weights and travels with it.
 */
declare function lrn({ n, k, alpha, beta }?: LrnOptions): Layer;

/** What `maxPool` takes. */
interface MaxPoolOptions {
    /** Side of the square window, in pixels. @default 3 */
    size?: number | undefined;
    /** Step of the window, in pixels. @default 2 */
    stride?: number | undefined;
    /** Border on each side, in pixels, that never wins; at most half the window. @default 0 */
    pad?: number | undefined;
    /** More of that border at the right and the bottom, in pixels, for a last window that hangs over: some networks round up. @default 0 */
    overhang?: number | undefined;
}
/**
 * The largest value of each window: `[n, h, w, c]` → `[n, h′, w′, c]`, h′ = ⌊(h + 2·pad + overhang − size) / stride⌋ + 1. The defaults are
 * the paper's overlapping pooling (section 3.4). Caffe rounds up where this and PyTorch round down; AlexNet's sizes divide exactly.
 */
declare function maxPool({ size, stride, pad, overhang, }?: MaxPoolOptions): Layer;

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
    x?: boolean | undefined;
}): LayerUpdate;

interface AlexNetOptions {
    /**
     * Side of the input, in pixels: Caffe's 227, or the paper's 224, which conv1 fills up with three zero pixels on the right
     * and at the bottom. Both give 55 × 55. @default 227
     */
    inputSize?: 227 | 224 | undefined;
    /** The local response normalisation behind conv1 and conv2. @default the variant's own */
    lrn?: LrnOptions | undefined;
}
/** The paper's network: two towers (groups = 2), LRN with k = 2, overlapping pooling. 60,965,224 parameters for 1000 classes. */
declare const paperAlexNet: (classes?: number, { inputSize, lrn: norm }?: AlexNetOptions) => Sequential<{
    readonly conv1: Layer;
    readonly relu1: Layer;
    readonly norm1: Layer;
    readonly pool1: Layer;
    readonly conv2: Layer;
    readonly relu2: Layer;
    readonly norm2: Layer;
    readonly pool2: Layer;
    readonly conv3: Layer;
    readonly relu3: Layer;
    readonly conv4: Layer;
    readonly relu4: Layer;
    readonly conv5: Layer;
    readonly relu5: Layer;
    readonly pool5: Layer;
    readonly flatten: Layer;
    readonly fc6: Layer;
    readonly relu6: Layer;
    readonly drop6: Layer;
    readonly fc7: Layer;
    readonly relu7: Layer;
    readonly drop7: Layer;
    readonly fc8: Layer;
}>;
/** Caffe's `bvlc_alexnet`: the paper's layers with k = 1 and alpha = 1e-4 / 5 (Caffe's own alpha, 1e-4, is divided by n = 5). */
declare const caffeAlexNet: (classes?: number, { inputSize, lrn }?: AlexNetOptions) => Sequential<{
    readonly conv1: Layer;
    readonly relu1: Layer;
    readonly norm1: Layer;
    readonly pool1: Layer;
    readonly conv2: Layer;
    readonly relu2: Layer;
    readonly norm2: Layer;
    readonly pool2: Layer;
    readonly conv3: Layer;
    readonly relu3: Layer;
    readonly conv4: Layer;
    readonly relu4: Layer;
    readonly conv5: Layer;
    readonly relu5: Layer;
    readonly pool5: Layer;
    readonly flatten: Layer;
    readonly fc6: Layer;
    readonly relu6: Layer;
    readonly drop6: Layer;
    readonly fc7: Layer;
    readonly relu7: Layer;
    readonly drop7: Layer;
    readonly fc8: Layer;
}>;
/** Caffe's `bvlc_reference_caffenet`: pooling before normalisation. 60,965,224 parameters for 1000 classes. */
declare const caffeNet: (classes?: number, { inputSize, lrn: norm }?: AlexNetOptions) => Sequential<{
    readonly conv3: Layer;
    readonly relu3: Layer;
    readonly conv4: Layer;
    readonly relu4: Layer;
    readonly conv5: Layer;
    readonly relu5: Layer;
    readonly pool5: Layer;
    readonly flatten: Layer;
    readonly fc6: Layer;
    readonly relu6: Layer;
    readonly drop6: Layer;
    readonly fc7: Layer;
    readonly relu7: Layer;
    readonly drop7: Layer;
    readonly fc8: Layer;
    readonly conv1: Layer;
    readonly relu1: Layer;
    readonly pool1: Layer;
    readonly norm1: Layer;
    readonly conv2: Layer;
    readonly relu2: Layer;
    readonly pool2: Layer;
    readonly norm2: Layer;
}>;
/** torchvision's `alexnet` ("One weird trick", Krizhevsky 2014): one tower, no LRN, dropout before fc6 and fc7. 61,100,840 parameters for 1000 classes. */
declare const torchvisionAlexNet: (classes?: number) => Sequential<{
    readonly conv1: Layer;
    readonly relu1: Layer;
    readonly pool1: Layer;
    readonly conv2: Layer;
    readonly relu2: Layer;
    readonly pool2: Layer;
    readonly conv3: Layer;
    readonly relu3: Layer;
    readonly conv4: Layer;
    readonly relu4: Layer;
    readonly conv5: Layer;
    readonly relu5: Layer;
    readonly pool5: Layer;
    readonly flatten: Layer;
    readonly drop6: Layer;
    readonly fc6: Layer;
    readonly relu6: Layer;
    readonly drop7: Layer;
    readonly fc7: Layer;
    readonly relu7: Layer;
    readonly fc8: Layer;
}>;
/** The names of the paper's layers: a misspelt one does not compile. */
type LayerName = keyof ReturnType<typeof paperAlexNet>['layers'];

/** Where a model runs. */
type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';
interface BackendOptions {
    /**
     * Where the three .wasm files of @tensorflow/tfjs-backend-wasm are served: a folder's URL ending in "/", or a URL for each
     * file name. `false` when the app has called tfjs' `setWasmPaths` itself. @default beside this package
     */
    wasmPaths?: string | Record<string, string> | false | undefined;
    /**
     * Threads of WASM, 1 to 8, in Node or where the page is cross-origin isolated; no more than there are cores. Elsewhere it runs on
     * one: `model.threads` tells how many there are, `model.passedOver` why not more. TensorFlow.js' operations, which compute networks
     * of `create()` and layers trained since, have them in a page alone. @default 1
     */
    threads?: number | undefined;
}

/** The error classes. Every message says where, the rule, what was got, and what to do. */
/** The base of every error this library throws, so that one `instanceof` tells them from others. */
declare class AlexNetError extends Error {
    name: string;
}
/** A shape that does not fit: a layer's input, a tensor given as a picture, a composition that cannot be. */
declare class ShapeError extends AlexNetError {
    name: string;
}
/** An option or argument outside its range. Nothing was started. */
declare class OptionsError extends AlexNetError {
    name: string;
}
/** Something that is not a picture, or cannot be decoded or read as one. */
declare class ImageError extends AlexNetError {
    name: string;
}
/** A set of weights that cannot be read: `problems` lists everything that is wrong with it, at once. */
declare class WeightsError extends AlexNetError {
    /** Where: the URL or name of the set. */
    readonly where: string;
    /** One sentence for each problem. */
    readonly problems: readonly string[];
    name: string;
    constructor(
    /** Where: the URL or name of the set. */
    where: string, 
    /** One sentence for each problem. */
    problems: readonly string[], options?: ErrorOptions);
}
/** A backend that is unknown, absent, fails its self-test, or a model used after `dispose()`. */
declare class BackendError extends AlexNetError {
    name: string;
}
/** Training that cannot go on: its numbers grew out of all bounds. */
declare class TrainingError<Best = unknown> extends AlexNetError {
    /** Makes the model of the best epoch so far; undefined when no epoch was finished. Dispose it like any other. */
    readonly best?: (() => Best) | undefined;
    name: string;
    constructor(message: string, 
    /** Makes the model of the best epoch so far; undefined when no epoch was finished. Dispose it like any other. */
    best?: (() => Best) | undefined, options?: ErrorOptions);
}

/** The table of a network as data; `String(summary)` is it as text. */
interface NetworkSummary {
    layers: LayerSummary[];
    /** Of all layers. */
    parameters: number;
    /** For one picture, of all layers. */
    multiplyAdds: number;
    /** The table of layers. */
    toString(): string;
}

/** A backend that passed its self-test. */
interface ChosenBackend {
    name: BackendName;
    /** The name under which TensorFlow.js knows it. */
    tfBackend: string;
    /** Why the ones before it were not taken. */
    passedOver: readonly {
        name: BackendName;
        reason: string;
    }[];
    /** Those of WASM, where there are several. */
    threads?: number;
    /** What it was opened with: another one may have to be. */
    options?: BackendOptions;
    /** What was asked for. */
    wanted?: 'auto' | BackendName;
}

/** RGB(A) or grey values, row by row, 0..255, straight (not premultiplied) alpha. */
interface Pixels {
    /** In pixels. */
    width: number;
    /** In pixels. */
    height: number;
    /** Grey, RGB or RGBA. */
    channels: 1 | 3 | 4;
    data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** Images that the browser has decoded already, or is playing. */
type ElementImage = HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageData | ImageBitmap | VideoFrame;
/** Images by name: a URL (http(s):, blob:, data: or relative to the page). */
type NamedImage = string | URL;

/** What counts as an image, in every environment, and how it becomes pixels. */

/**
 * Anything `classify` takes: in a browser an `<img>`, `<video>` or `<canvas>`, an OffscreenCanvas, ImageData, ImageBitmap or
 * VideoFrame, a Blob or File, an http(s):, blob: or data: URL; in Node a path, a URL, a Buffer of an encoded picture; in both
 * a `Tensor3D` `[height, width, 1, 3 or 4]` of values 0..255.
 */
type ImageInput = ElementImage | Blob | ArrayBuffer | Uint8Array | NamedImage | Tensor3D;
/**
 * The pixels of an image. Encoded pictures are decoded with their EXIF orientation applied.
 * @throws ImageError when it is none, is empty, cannot be decoded, or may not be read (a tainted canvas).
 */
declare function toPixels(image: ImageInput, signal?: AbortSignal): Promise<Pixels>;

/** The one resampler of this library: browser and Node see the same pixels through it. */

/** A rectangle of pixels. */
interface Rectangle {
    left: number;
    top: number;
    width: number;
    height: number;
}

/** Where the crops of a picture lie: the centre, or the paper's ten (section 4.1). */

/** `'centre'`: one view. `'ten'`: four corners and the centre, and their mirror images; the predictions are averaged. */
type CropKind = 'centre' | 'ten';
/** A square to cut out, perhaps to be mirrored left to right. */
interface Crop extends Rectangle {
    mirrored: boolean;
}
/**
 * The crops of side `size` of a picture of `width` × `height`, all in pixels. As in the paper they are cut from the central
 * square of the resized picture, so that the corners of a long one are those of its middle. Odd margins leave the extra
 * pixel right and bottom. Their order: top left, top right, bottom left, bottom right, centre, and the mirror images of these.
 */
declare function crops(kind: CropKind, width: number, height: number, size: number): Crop[];

/**
 * How a set of weights wants its pictures. It travels in the manifest, so that a set always sees the pixels that it was
 * trained on: shorter side to `resize`, cut `crop` × `crop`, enlarge to `inputSize` if that differs, `(pixel − mean) / std`.
 */
interface Preprocessing {
    /** Length of the shorter side after the first resizing, in pixels; the longer side keeps the aspect ratio. The paper: 256. */
    resize: number;
    /** Side of the square that is cut out of it, in pixels. The paper: 224. */
    crop: number;
    /** Side of the network's input, in pixels; the crop is enlarged or reduced to it. */
    inputSize: number;
    /** Subtracted from red, green, blue, in levels of 0..255. */
    mean: readonly [number, number, number];
    /** Red, green, blue are divided by this after it, in levels of 0..255. @default [1, 1, 1] */
    std?: readonly [number, number, number] | undefined;
}

/** How often, and how soon, a request that failed is made again. */
interface Retries {
    /** Further requests for a file, at each mirror. @default 4 */
    times?: number | undefined;
    /** The most to wait before the first of them, in ms; twice as much before each one after. How long is drawn at random. @default 500 */
    delay?: number | undefined;
    /** A connection that gives not a byte for so long has failed, in ms. @default 20000 */
    stall?: number | undefined;
}

/** LoadProgress: how far a load is, in phases that follow each other, also where the work of several goes on at once. */
/** What `load` is doing. Bytes up to 'upload'; 'warm-up' counts layers. */
interface LoadProgress {
    phase: 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
    loaded: number;
    total: number;
}

/** What `alexnet-ts/weights/<set>` exports: the addresses of its files, which bundlers emit. */
interface WeightSet {
    manifest: URL | string;
    /** By their path in the manifest. */
    shards: Readonly<Record<string, URL | string>>;
}
/** Anything `load({ weights })` takes. */
type WeightsInput = string | URL | readonly (string | URL)[] | readonly File[] | FileList | Blob | WeightSet | IOHandler;

/** What goes into a model's calls and comes out of them, and what a model is made of. */

/** What `classify` may be told. */
interface ClassifyOptions extends TopKOptions {
    /** One view of the centre, or the paper's ten, whose predictions are averaged (section 4.1). @default 'centre' */
    crops?: CropKind | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** What `activations` may be told. */
interface ActivationOptions {
    /** What comes out before the ReLU that follows the layer, if one does. @default false */
    beforeRelu?: boolean | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** What `embed` may be told. */
interface EmbedOptions {
    /** The layer whose output is wanted. @default 'fc7' */
    layer?: LayerName | (string & {}) | undefined;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** Numbers and their shape, without the batch axis: height × width × channels, or units. */
interface Activations {
    shape: number[];
    data: Float32Array;
}
/** Where a model's weights come from. */
interface Origin {
    /** The loaded set: its name, and the SHA-256 of its shards' hashes, one a line. */
    base: {
        name: string;
        hash: string;
    };
    /** The layers that have been trained since; all others have the base's weights. */
    trained: readonly string[];
}
/** What `onBackendChange` is told. */
interface BackendChange {
    from: BackendName;
    to: BackendName;
    reason: string;
}

/** What training reports while it runs, and what it leaves as its history. */
/** Loss and share of right answers over some examples. */
interface Measure {
    /** The mean cross-entropy; with class weights, their weighted mean. */
    loss: number;
    /** The fraction of the examples whose best class is theirs. */
    accuracy: number;
}
/** One step: one batch. `loss` and `accuracy` are the batch's, before its update. */
interface StepReport extends Measure {
    /** From 1. */
    epoch: number;
    /** In all. */
    epochs: number;
    /** From 1, counted over all epochs. */
    step: number;
    /** In all epochs. */
    steps: number;
    /** The factor that the schedule puts before each layer's learning rate. */
    factor: number;
    /** On the last step of an epoch: what the whole epoch came to. */
    completed?: EpochReport;
}
/** One epoch: `loss` and `accuracy` are the means over its steps, as they were met. */
interface EpochReport extends Measure {
    /** From 1. */
    epoch: number;
    /** In all. */
    epochs: number;
    /** Of the pictures kept back, after the epoch. */
    validation?: Measure;
    /** The factor that the schedule put before each layer's learning rate. */
    factor: number;
}
/** What was done, epoch by epoch. */
type History = readonly EpochReport[];

/** One picture with the class that it shows. */
interface Example {
    image: ImageInput;
    /** Index among the dataset's classes. */
    label: number;
    /** What messages call it: a file's path. */
    name?: string;
}
/** A picture, file or folder that was left out, and why. */
interface DatasetProblem {
    name: string;
    /** A sentence. */
    error: string;
}
/** Labelled pictures. */
interface Dataset<Name extends string = string> {
    classes: readonly Name[];
    examples: readonly Example[];
    /** What was left out: duplicates, and what is no picture. */
    problems: readonly DatasetProblem[];
}
/** A picture and the name of its class. */
interface LabelledImage<Name extends string = string> {
    image: ImageInput;
    label: Name;
    /** What messages call it. */
    name?: string | undefined;
}
/** The pictures of one class. */
type Pictures = Iterable<ImageInput> | AsyncIterable<ImageInput>;
/** Anything that labelled pictures may be given as: `{ cat: pictures, dog: pictures }`, a list or a stream of `{ image, label }`, a dataset. */
type DatasetInput<Name extends string = string> = Dataset<Name> | Readonly<Record<Name, Pictures>> | Iterable<LabelledImage<Name>> | AsyncIterable<LabelledImage<Name>>;
/** How a dataset is read. */
interface DatasetOptions {
    /** What messages begin with. @default 'dataset' */
    where?: string | undefined;
    /** How many classes there must be: training needs two. @default 1 */
    minClasses?: number | undefined;
    /** Stops reading with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/**
 * Collects labelled pictures. Classes come in the order of an object's keys, or in which a list first names them. Of encoded
 * pictures with the same bytes the first is kept, and the others are named in `problems`. What a stream gives is noted as it
 * is at that moment, so that it may draw every picture on the same canvas; a tensor must not be disposed before it was used.
 *
 * @throws OptionsError for what is none of these, for no pictures, an empty class, two labels that differ in case only, or too few classes.
 */
declare function toDataset<const Name extends string>(input: DatasetInput<Name>, { where, minClasses, signal }?: DatasetOptions): Promise<Dataset<Name>>;

/** Tally: counts right and wrong predictions, for evaluation. */

/** How often pictures of one class were taken for another. */
interface Confusion {
    /** The class of the pictures. */
    actual: string;
    /** The class predicted for them. */
    predicted: string;
    count: number;
}
/** One class's share of right answers. */
interface ClassAccuracy {
    label: string;
    pictures: number;
    /** Fractions. */
    top1: number;
    top5: number;
}
/** What `evaluate` answers. */
interface Accuracy {
    /** Fraction of the pictures whose most probable class is theirs. The paper's top-1 error is 1 minus this. */
    top1: number;
    /** Fraction of the pictures whose class is among the five most probable. */
    top5: number;
    pictures: number;
    /** Most frequent first; of two alike, in the order of the classes. */
    confusions: Confusion[];
    /** In the order of the classes; only those that had pictures. */
    perClass: ClassAccuracy[];
}

/** What `evaluate` may be told. */
interface EvaluateOptions {
    /** One view of the centre, or the paper's ten, averaged. @default 'centre' */
    crops?: CropKind | undefined;
    /** Told how many pictures are done. */
    onProgress?: ((progress: {
        phase: 'evaluate';
        loaded: number;
        total: number;
    }) => void) | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** How well one class is told from the others; a share of nothing is 0. */
interface ClassEvaluation {
    label: string;
    /** How many pictures show it. */
    pictures: number;
    /** Of the pictures taken for it, the fraction that show it. */
    precision: number;
    /** Of the pictures that show it, the fraction taken for it. */
    recall: number;
    /** The harmonic mean of the two. */
    f1: number;
}
/** How often a model is right; `String(evaluation)` is a table. */
interface Evaluation extends Omit<Accuracy, 'perClass'> {
    /** In the order of the model's classes. */
    perClass: ClassEvaluation[];
    labels: readonly string[];
    /** `matrix[actual][predicted]`: how many pictures; in the order of `labels`. */
    matrix: number[][];
    /** Pictures that were left out, and why. */
    problems: readonly DatasetProblem[];
    /** A table. */
    toString(): string;
}
/**
 * Classifies labelled pictures. Their labels are the model's, all or some, by label or WordNet id. Pictures that cannot be read are left out and named in
 * `problems`.
 *
 * @throws OptionsError for a label that the model does not know.
 */
declare function evaluate(model: Model, pictures: DatasetInput, { crops, onProgress, signal, ...rest }?: EvaluateOptions): Promise<Evaluation>;

/** Examples with their classes. Whoever reads it gives the generator that random views are drawn from. */
interface TrainingData {
    /** The class of each example. */
    readonly classes: readonly number[];
    /** The inputs of these examples, one after the other. */
    inputs(examples: readonly number[], uniform: () => number): Float32Array | Promise<Float32Array>;
}
/** Examples that are numbers already: `values` holds the input of each, of equal length, one after the other. */
declare function numbers(values: Float32Array, classes: readonly number[]): TrainingData;

/** Where a schedule stands, for a checkpoint. */
interface ScheduleState {
    /** What each layer's learning rate is multiplied with. */
    factor: number;
    /** Nothing more is to be gained: training ends. */
    done: boolean;
    /** The lowest error so far; null before the first epoch. */
    best: number | null;
    /** Epochs since it. */
    waited: number;
    /** How often the rate has been lowered. */
    lowered: number;
}
/** How the learning rate goes on from epoch to epoch. */
interface Schedule {
    /** The state before the first epoch. */
    start(): ScheduleState;
    /** The state after an epoch with this error: of the validation pictures, or without these the training loss. */
    next(state: ScheduleState, error: number): ScheduleState;
}
/** The same rate throughout. */
declare const constantRate: () => Schedule;
/** What `plateau` may be told. */
interface PlateauOptions {
    /** Epochs without a lower error, after which the rate is divided. @default 5 */
    patience?: number | undefined;
    /** What the rate is divided by. @default 10 */
    divisor?: number | undefined;
    /** How often; when the error stands still once more, training ends. @default 3 */
    times?: number | undefined;
    /** A fall of the error by less is none. @default 0 */
    threshold?: number | undefined;
}
/** The paper's: "divide the learning rate by 10 when the validation error rate stopped improving with the current learning rate", three times (section 5). */
declare function plateau({ patience, divisor, times, threshold, }?: PlateauOptions): Schedule;

/** Trainer: steps of stochastic gradient descent on the layers of a network from a given one on, forward and back layer by layer. */

/** Weights and velocities as numbers, by the parameters' names. */
interface TrainerState {
    weights: Record<string, Float32Array>;
    velocities: Record<string, Float32Array>;
}

/** Where a training stands: plain data. With the trainer's state, all that it needs to go on as if nothing had been. */
interface Position {
    /** Epochs done. */
    epoch: number;
    /** Steps done of the next one. */
    stepOfEpoch: number;
    /** Over these steps: loss and share of right answers, times the examples of each; and the examples. */
    sums: {
        loss: number;
        right: number;
        count: number;
    };
    schedule: ScheduleState;
    history: EpochReport[];
}

/** The options of fineTune(), and their check. */

/** What is done to a picture for further views of it. */
interface AugmentOptions {
    /** Views of each picture beside the centre; with `train: 'all'`, which draws one anew at each step, 0 means the centre alone. @default 1 for a head, else 4 */
    views?: number | undefined;
    /** Cut out anywhere in the central square, not in its middle (paper, section 4.1). @default true */
    crop?: boolean | undefined;
    /** Mirrored left to right, every second time. @default true */
    mirror?: boolean | undefined;
    /** Standard deviation of the shifts along the principal colours of the training pictures; the paper's is 0.1, 0 is none. @default 0.1 */
    colour?: number | undefined;
}
/** Told how far a part of the work is. */
interface FineTuneProgress {
    /** Pictures through the frozen layers, then steps of training. */
    phase: 'features' | 'train';
    loaded: number;
    total: number;
}
/** What `fineTune` may be told; nothing need be. */
interface FineTuneOptions<Label extends string = string> {
    /**
     * What learns: `'head'`, a new last layer; `'classifier'`, all dense layers (the paper's fc6 to fc8); `'all'`; or the layers of these
     * names, with the head always among them. All but the head start from the weights they have. @default 'head'
     */
    train?: 'head' | 'classifier' | 'all' | readonly (LayerName | (string & {}))[] | undefined;
    /** Times through the pictures. @default 20 for a head, else 10 */
    epochs?: number | undefined;
    /** Pictures a step. @default 16 */
    batchSize?: number | undefined;
    /** Step along the gradient, for all layers or by layer; a layer that is not named takes the default. @default 0.01 for a head by itself, else 0.001, and less for a first layer whose weights are small because its inputs, pixels, are large */
    learningRate?: number | Readonly<Record<string, number>> | undefined;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number | undefined;
    /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
    weightDecay?: number | undefined;
    /** Share of each class that is kept back to measure by, in [0, 1). @default 0 */
    validationSplit?: number | undefined;
    /** The paper's crops, mirror images and shifts of colour. @default true */
    augment?: boolean | AugmentOptions | undefined;
    /** How much a picture of each class counts: `'auto'` makes the classes count alike; or by label, 1 where not named. @default 'auto' */
    classWeights?: 'auto' | 'equal' | Readonly<Partial<Record<Label, number>>> | undefined;
    /** Ends when the validation loss (without validation: the training loss) has not fallen for so many epochs, with the best epoch's weights. */
    earlyStopping?: {
        patience: number;
    } | undefined;
    /** The same seed on the same backend gives the same history. @default 0 */
    seed?: number | undefined;
    /** Keeps the features of the pictures with the model, for `addClass`. @default true */
    keepFeatures?: boolean | undefined;
    /** Called after each step. */
    onBatch?: ((report: StepReport) => void) | undefined;
    /** Called after each epoch. */
    onEpoch?: ((report: EpochReport) => void) | undefined;
    /** Told how far features and training are. */
    onProgress?: ((progress: FineTuneProgress) => void) | undefined;
    /** Ends the run with the signal's reason; `run.best()` still gives the best model so far. */
    signal?: AbortSignal | undefined;
}

/** TunedModel: what fineTune() gives: a model that knows how it was trained, and can be taught more classes. */

/** How a tuned model's head was trained, for `addClass` to go on so. */
type Recipe = Pick<FineTuneOptions, 'epochs' | 'batchSize' | 'momentum' | 'weightDecay' | 'augment' | 'seed'> & {
    headRate: number;
    classWeights: 'auto' | 'equal';
};
/** What `addClass` may be told. */
interface AddClassOptions {
    /** Told how far features and training are. */
    onProgress?: FineTuneOptions['onProgress'] | undefined;
    /** Ends it with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** A model that was fine-tuned. It shares the weights that were not trained with the one it came from. */
declare class TunedModel<Name extends string = string> extends Model<Name> {
    /** What its training came to, epoch by epoch. */
    readonly history: History;
    /** Pictures that were left out of it, and why. */
    readonly problems: readonly DatasetProblem[];
    /**
     * How often it is right on labelled pictures: top-1 and top-5, precision and recall of each class, and which classes it takes for
     * which. `String(evaluation)` is a table.
     */
    evaluate(pictures: DatasetInput, options?: EvaluateOptions): Promise<Evaluation>;
    /**
     * A new model that knows one class more. Its head goes on from this one's, on the features of the earlier pictures, which this
     * model has kept, and those of the new ones; all other layers stay.
     *
     * @throws OptionsError for a label that is there already, and where the features were not kept (`keepFeatures: false`, or a saved model).
     */
    addClass<const Label extends string>(label: Label, pictures: Pictures, options?: AddClassOptions): Promise<TunedModel<Name | Label>>;
    /** A new model that has forgotten a class: the others share out its probability. Nothing is trained. */
    removeClass<const Label extends Name>(label: Label): Promise<TunedModel<Exclude<Name, Label>>>;
}

/** The set that the layers come from which are not stored. */
interface BaseReference {
    /** The name of the base. */
    name: string;
    /** SHA-256 of its shards' hashes, one a line: see setHash.ts. */
    hash: string;
    /** The layers whose weights are the base's. */
    layers: readonly string[];
}
/** How a tuned model came to be. */
interface TuningRecord {
    /** The set that it was tuned from; none for a network of the user's own. */
    origin?: Origin;
    history: History;
    recipe: Recipe;
}

/** One class: what `classify` calls it, and its WordNet id where it has one. */
interface Label {
    /** `goldfish`. */
    label: string;
    /** `n01443537`; the label itself for classes of a user's own. */
    id: string;
}
/** How the numbers of one tensor are stored; the decoded value is `(code · scale + min) · channelScale[last axis]`. */
interface Quantization {
    dtype: 'uint8' | 'uint16' | 'float16';
    /** @default 1 */
    scale?: number;
    /** @default 0 */
    min?: number;
    /** The name of a float32 tensor of the set, one factor for each index of the last axis. TensorFlow.js' own reader leaves it out. */
    channelScale?: string;
}
/** One tensor: TensorFlow.js' WeightsManifestEntry, with `channelScale` added. */
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
    /** As stored. */
    bytes: number;
    /** Of the stored bytes, in hexadecimal. */
    sha256: string;
    /** For a `.gz`: what it inflates to, for servers and browsers that inflate it on the way. */
    inflated?: {
        bytes: number;
        sha256: string;
    };
}
/** Fractions, with the pictures and the command that measured them. */
interface MeasuredAccuracy {
    top1: number;
    top5: number;
    pictures: number;
    /** What the pictures are: `Tiny ImageNet validation`. */
    on: string;
    command: string;
}
/** model.json. `weightsManifest` has TensorFlow.js' shape: the tensors follow each other through the paths, in order. */
interface Manifest {
    format: 'alexnet-ts';
    formatVersion: 1;
    /** `tiny-imagenet-200`. */
    name: string;
    /** `paper`, `caffe`, `caffenet`, `torchvision`, or what the composer calls it. */
    variant: string;
    /** The layers with their options: what `layer.toJSON()` gives. */
    network: LayerJSON;
    labels: readonly Label[];
    preprocessing: Preprocessing;
    shards: readonly Shard[];
    weightsManifest: readonly {
        paths: readonly string[];
        weights: readonly WeightEntry[];
    }[];
    licence?: string;
    /** Where the weights come from, in sentences. */
    provenance?: string;
    /** Of the centre crop, and of the paper's ten crops where they were measured too. */
    accuracy?: MeasuredAccuracy & {
        tenCrops?: MeasuredAccuracy;
        photographs?: MeasuredAccuracy;
    };
    /** The set that some layers come from, which are not stored here. */
    base?: BaseReference;
    /** How a tuned model was trained. */
    tuning?: TuningRecord;
}
/** A manifest that was checked, with its network built. */
interface CheckedManifest extends Manifest {
    net: Sequential;
}
/**
 * Checks what a model.json says against itself: the format, the layers, that every parameter of the network (but those of its
 * base's layers) is there in its shape and nothing else is, that labels are as many as classes, and that the shards hold as many bytes as the tensors need.
 *
 * @throws WeightsError listing every problem at once.
 */
declare function checkManifest(json: unknown, where: string): CheckedManifest;

/** One class with its probability. */
interface Prediction<Name extends string = string> {
    label: Name;
    /** WordNet id, or the label itself for classes of a user's own. */
    id: string;
    /** Position among the classes. */
    index: number;
    /** In [0, 1]; those of all classes add up to 1. */
    probability: number;
}
interface TopKOptions {
    /** How many predictions, from 1; more than there are classes gives them all. @default 5 */
    topK?: number | undefined;
    /** Leaves out what is less probable, in [0, 1]. @default 0 */
    minProbability?: number | undefined;
}

/** FineTuneRun: a fine-tuning under way, which can be awaited, looped over, paused and stopped. */

/**
 * A fine-tuning under way. `await run` gives the tuned model. `for await (const { epoch, step, loss } of run)` takes the steps into
 * one's own hands: the next one waits until the loop's body is done, and `break` ends the run and frees everything, after which
 * the promise rejects with an AbortError, quietly. One may loop first and await then.
 */
declare class FineTuneRun<Name extends string = string> implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport> {
    #private;
    then<A = TunedModel<Name>, B = never>(onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    /** As a promise's. */
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<TunedModel<Name> | B>;
    /** As a promise's. */
    finally(onFinally?: (() => void) | null): Promise<TunedModel<Name>>;
    /** Holds the run before its next step. */
    pause(): void;
    /** Goes on after `pause()`. */
    resume(): void;
    /** Ends training after the step under way: the promise gives the model of the best epoch so far, or of the steps done if there is none. */
    stop(): void;
    /**
     * The model of the best epoch so far: also after the run was aborted or failed. Undefined before the first epoch is done.
     * Dispose it like any other.
     */
    best(): TunedModel<Name> | undefined;
    /** The steps as they are done. A run has one loop; it ends quietly when the run's signal is aborted. */
    [Symbol.asyncIterator](): AsyncIterator<StepReport, undefined>;
}

/** What tensors may be stored as. Biases and scales stay float32. */
type StoredType = 'float32' | 'float16' | 'uint8';
/** A tensor as it is stored. */
interface Encoded {
    entry: WeightEntry;
    bytes: Uint8Array;
}
/** One tensor as float32, as it is. */
declare const encodeFloat32: (name: string, shape: Shape, values: Float32Array) => Encoded;
/** One tensor as half-precision floats. Relative error at most 2^-11 between 6e-5 and 65504. */
declare const encodeFloat16: (name: string, shape: Shape, values: Float32Array) => Encoded;
/** One tensor from whole numbers −128..127 and a factor for each index of its last axis, without loss. */
declare function encodeInt8(name: string, shape: Shape, codes: Int8Array, factors: Float32Array): Encoded[];
/** One tensor as bytes: each index of the last axis has a factor of its own, so that its largest magnitude is 127. Error at most half a step. */
declare function encodeUint8(name: string, shape: Shape, values: Float32Array): Encoded[];
/** One tensor of a set, stored as wished. Vectors (biases) are kept as float32: they are few. */
declare function encode(name: string, shape: Shape, values: Float32Array, as: StoredType): Encoded[];

/** Cuts a stream of bytes into shards that, packed, are about as long as they may be. */
/** Packs the bytes of a shard. */
type Compress = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** A finished set, not yet written anywhere. */
interface WrittenSet {
    manifest: Manifest;
    /** By their path in the manifest. */
    shards: Map<string, Uint8Array>;
}
/** How a set is cut into shards. */
interface WriteOptions {
    /** Packs the bytes of a shard, or false to store them as they are. @default the platform's gzip */
    compress?: Compress | false | undefined;
    /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
    maxShardBytes?: number | undefined;
    /** Tensors that begin a shard of their own, so that what comes before them can be used before they arrive. @default none */
    newShardAt?: readonly string[] | undefined;
}
/** Everything a manifest says beside its tensors and shards. */
type ManifestFacts = Omit<Manifest, 'format' | 'formatVersion' | 'shards' | 'weightsManifest'>;
/** Tensors, all there or read as they are asked for. */
type Tensors = Iterable<Encoded> | AsyncIterable<Encoded>;
/**
 * Makes the files of a set. Tensors are stored in the order given (put the convolutions first, so that features can be had
 * before the fully connected layers arrive), in shards of at most 4 MiB each.
 *
 * @throws OptionsError for a maxShardBytes out of range.
 * @throws WeightsError when the tensors are not those of the network: the set is checked as a reader would.
 */
declare function writeSet(facts: ManifestFacts, tensors: Tensors, options?: WriteOptions): Promise<WrittenSet>;
/**
 * As `writeSet`, without holding the set: `sink` is given each shard as soon as it is full, in the order of the manifest's, whose names are
 * known at the end only. When it throws, what the sink was given is of no use.
 */
declare function streamSet(facts: ManifestFacts, tensors: Tensors, sink: (bytes: Uint8Array) => Promise<void> | void, { compress, maxShardBytes, newShardAt }?: WriteOptions): Promise<Manifest>;
/** The module that a package exports for a set: one static `new URL` a file, which bundlers follow. */
declare const indexModule: ({ name, shards }: Manifest) => string;

/** Anything `model.save` takes. */
type SaveTarget = string | URL | IOHandler;

/** What `save` may be told. */
interface SaveOptions {
    /**
     * Stores every layer. By default those are left out that are still the base's, the set that the model was loaded from: a new head
     * is some KB, and `load` takes the rest from the base. @default false
     */
    whole?: boolean | undefined;
    /** How the numbers of kernels are stored; biases stay as they are. @default 'float32', without loss */
    as?: StoredType | undefined;
    /** Stops saving with the signal's reason; what was saved before stays. */
    signal?: AbortSignal | undefined;
}
/** What was saved. */
interface SaveResult {
    /** Of all shards. */
    bytes: number;
    /** The layers that were stored. */
    layers: string[];
    /** The set that the others come from, which `load` needs. */
    base?: {
        name: string;
        hash: string;
    };
}

/**
 * A network with its weights on one backend. Made by `load()` and `create()`; `dispose()` frees its tensors, and a call
 * after that throws a BackendError. The app's own TensorFlow.js is left as it is by every call.
 *
 * Calls may be made at once: `classify`, `embed`, `activations` and `preprocess` of a model take turns, and are answered in the order in
 * which they were made. Of a long array 20 views are a turn (20 pictures, or two in ten crops), and calls that wait come between. A file, its
 * bytes or its address is read when its turn has come; a canvas, a video, pixels or a tensor at the call, and what waits of these is
 * 256 MiB at most (434 pictures for AlexNet): a call beyond that is refused with a BackendError. An aborted call leaves its place at once.
 */
declare class Model<Name extends string = string> {
    #private;
    /** What it is called: the set's name. */
    readonly name: string;
    /** The layers. */
    readonly net: Sequential;
    /** The names of the classes, by index. */
    readonly labels: readonly Name[];
    /** The classes with their WordNet ids, by index. */
    readonly classes: readonly Label[];
    /** How pictures are made ready for the network. */
    readonly preprocessing: Preprocessing;
    /** The set that it was loaded from, and the layers trained since; undefined for fresh weights. */
    readonly origin: Origin | undefined;
    /**
     * Called when the model had to move: its WebGL context was lost, and it goes on in WASM. The call under way is answered all the same.
     * A context that the browser gives back within two seconds is taken again, twice at most, except in `fineTune()`, and not told.
     */
    onBackendChange?: (change: BackendChange) => void;
    /** Where it runs. */
    get backend(): BackendName;
    /**
     * When all of its weights are there: at once, unless it was loaded with `stream`. Then it rejects when the rest cannot be had, was
     * stopped, or the model is disposed before; who does not ask for it is not told.
     */
    get ready(): Promise<void>;
    /** Threads that it classifies on: those of WASM, where several were asked for and could be had; else 1. One that is lost leaves 1. */
    get threads(): number;
    /** Why the backends that `'auto'` prefers to this one were not taken, and why WASM runs on one thread though more were asked for. */
    get passedOver(): ChosenBackend['passedOver'];
    /**
     * The most probable classes of a picture, best first; of an array of pictures, an array of such lists.
     *
     * @throws ImageError for what is no picture, or cannot be read; the message says which of an array.
     * @throws OptionsError for a topK below 1 (a larger one than there are classes gives all), or another option out of range.
     */
    classify(image: ImageInput, options?: ClassifyOptions): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction<Name>[][]>;
    /**
     * The features of a picture: what comes out of `layer`, behind its ReLU, flat. The default is the paper's 4096 numbers of
     * fc7, whose distances tell pictures alike (figure 4). An array of pictures gives an array.
     */
    embed(image: ImageInput, options?: EmbedOptions): Promise<Float32Array>;
    embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
    /**
     * What comes out of a layer for the centre view of a picture. As in the paper and in Caffe's blobs, the output of `conv5` is
     * that behind its ReLU; `{ beforeRelu: true }` gives the sums before it.
     *
     * @throws OptionsError for a name that is none of the network's layers.
     */
    activations(image: ImageInput, layer: LayerName | (string & {}), { beforeRelu, signal }?: ActivationOptions): Promise<Activations>;
    /** The weights of a layer: a convolution's filters `[size, size, channels of a group, filters]`, a dense layer's `[in, out]`. */
    filters(layer: LayerName | (string & {})): Promise<Activations>;
    /** What the network takes: the views of a picture, `[views, inputSize, inputSize, 3]` flat. For whoever wants to look, or compare. */
    preprocess(image: ImageInput, { crops, signal }?: Pick<ClassifyOptions, 'crops' | 'signal'>): Promise<Activations>;
    /** The layers with their shapes, parameters and multiply-adds; as a string, a table. */
    summary(): NetworkSummary;
    /**
     * Trains the network on pictures of one's own, and gives a new model that tells their classes apart; this one works on, and may be
     * disposed at any time. Weights that do not change are shared between the two. The run is a promise of the model, and a loop:
     *
     *     const pets = await model.fineTune({ cat: cats, dog: dogs });
     *     for await (const { epoch, step, loss } of model.fineTune({ cat: cats, dog: dogs })) …
     *
     * Pictures that cannot be read are left out, and named in the model's `problems`.
     *
     * @throws OptionsError (the run rejects) for options out of range, and for pictures that nothing can be learnt from: one class only,
     * a class without pictures, two labels that differ in case only.
     * @throws TrainingError (the run rejects) when the loss explodes, with the best model so far.
     */
    fineTune<const Label extends string>(pictures: Readonly<Record<Label, Pictures>>, options?: FineTuneOptions<NoInfer<Label>>): FineTuneRun<Label>;
    fineTune<const Label extends string>(pictures: DatasetInput<Label> | Iterable<LabelledImage<Label>>, options?: FineTuneOptions<NoInfer<Label>>): FineTuneRun<Label>;
    /**
     * Saves the model as a set that `load({ weights })` reads: `'indexeddb://pets'` or `'downloads://pets'` (a zip) in a browser, a
     * path or file: URL of a folder in Node, or a TensorFlow.js IO handler. Labels, preprocessing, network, history and weights go
     * together. Of a tuned model only the layers that were trained are stored, and the hash of the set that the others come from:
     * a new head is some KB. Whatever fails leaves what was saved there before.
     *
     * @throws WeightsError when the place cannot be written to, as when the browser's storage is full.
     * @throws OptionsError for a place or an option that is none.
     */
    save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult>;
    /** Whether it was fine-tuned, here or before it was saved: then it has `history`, `evaluate()`, `addClass()` and `removeClass()`. */
    isTuned(): this is TunedModel<Name>;
    /** Frees the tensors. The call whose turn it is is answered or fails with a BackendError; those that wait, and later ones, fail. May be called again. */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}

interface StartOptions extends BackendOptions {
    /** `'auto'` takes WebGL on a real GPU, else WASM, else CPU: the first that passes a self-test. @default 'auto' */
    backend?: 'auto' | BackendName | undefined;
    /** Told what is being done, and how much of it is: bytes, at last layers. */
    onProgress?: ((progress: LoadProgress) => void) | undefined;
    /** Stops loading with the signal's reason, and leaves nothing behind. */
    signal?: AbortSignal | undefined;
}
/** What `load` may be told; nothing need be. */
interface LoadOptions extends StartOptions {
    /**
     * The address of a model.json, a list of mirrors that are tried in order, the files of a set or a zip of them, a set imported from
     * `alexnet-ts/weights/…`, what was saved as `indexeddb://name`, or a TensorFlow.js IO handler. @default the shipped set
     */
    weights?: WeightsInput | undefined;
    /**
     * For a tuned model that was saved without its base's layers: the set that it was tuned from, or a model of that set on the same
     * backend, which then shares its weights. @default the shipped set
     */
    base?: WeightsInput | Model | undefined;
    /** `'auto'` keeps the shards by their hash in the browser's Cache API, where there is one. @default 'auto' */
    cache?: 'auto' | false | undefined;
    /**
     * How often a request that a network or a busy server has failed is made again, at each mirror: a number, or `{ times, delay, stall }`
     * with ms. @default 4
     */
    retries?: number | Retries | undefined;
    /**
     * Gives the model as soon as the layers before the first fully connected one are there, whose shards are fetched first. `embed`,
     * `activations` and `filters` of these answer at once; calls that need a later layer wait for it, and fail if it cannot be had. See
     * `model.ready`. `signal` and `onProgress` go on until all is there. @default false
     */
    stream?: boolean | undefined;
}
/** What `create` may be told. */
interface CreateOptions<Name extends string = string> extends StartOptions {
    /** What to call the classes, by index. @default class 0, class 1, … */
    labels?: readonly Name[] | undefined;
    /** How pictures are made ready. @default the paper's: shorter side to 256/227 of the input, centre, ImageNet's mean subtracted */
    preprocessing?: Preprocessing | undefined;
    /** Seed of the initial weights: the same seed, the same network. @default 0 */
    seed?: number | undefined;
}
/**
 * Loads a set of weights and makes it ready: `const model = await load()`. A saved tuned model comes back as one: see `isTuned()`.
 *
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it, or its base is another one.
 * @throws BackendError when no backend can be used, with the reason for each.
 * @throws OptionsError for an option out of range.
 */
declare function load<const Name extends string = string>({ weights, base, backend, onProgress, signal, cache, retries, stream, ...backendOptions }?: LoadOptions): Promise<Model<Name>>;
/**
 * A model of a network of one's own, with fresh weights: the network needs an `inputShape`, and ends in one score a class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not belong together.
 */
declare function create<const Name extends string = string>(net: Sequential, options?: CreateOptions<Name>): Promise<Model<Name>>;

/** How neighbours are found. */
interface KnnOptions {
    /** The layer whose output is compared. @default 'fc7' */
    layer?: string | undefined;
    /** How many of the nearest examples vote; all of them while there are fewer. @default 9 */
    k?: number | undefined;
    /** `'cosine'` compares the directions of features, `'euclidean'` their values; the first is right more often. @default 'cosine' */
    distance?: 'cosine' | 'euclidean' | undefined;
}
/** The examples as JSON: features as half-precision floats, base64. */
interface KnnJSON {
    format: 'alexnet-ts-knn';
    formatVersion: 1;
    layer: string;
    k: number;
    distance: 'cosine' | 'euclidean';
    /** The model that made the features: the hash of its set, and the layers up to `layer` that were trained since. */
    model: {
        hash: string | null;
        trained: string[];
    };
    /** Numbers of one feature. */
    length: number;
    examples: {
        label: string;
        features: string;
    }[];
}
/** What of a model makes the features: also one that lives in a worker. */
interface Embedder {
    readonly net: {
        readonly names: readonly string[];
    };
    readonly origin: Origin | undefined;
    embed(images: readonly ImageInput[], options?: EmbedOptions): Promise<Float32Array[]>;
}
/** Examples by class, on the CPU: no tensors. */
declare class Knn<Name extends string = string> {
    #private;
    readonly layer: string;
    readonly k: number;
    readonly distance: 'cosine' | 'euclidean';
    /** The classes that have examples, in the order in which they came. */
    get labels(): Name[];
    /** How many examples each class has. */
    get counts(): Record<Name, number>;
    /** Remembers what a picture, or each of some, shows. When one of them cannot be read, none is remembered. */
    add(label: Name, images: ImageInput | readonly ImageInput[], { signal }?: {
        signal?: AbortSignal | undefined;
    }): Promise<void>;
    /** Forgets a class. Answers whether there was one of this name. */
    remove(label: Name): boolean;
    /**
     * The classes of a picture, best first; of an array, an array of such lists. The probability of a class is its share of the votes
     * of the k nearest examples, of which nearer ones count more.
     *
     * @throws OptionsError before the first example.
     */
    classify(image: ImageInput, options?: TopKOptions & {
        signal?: AbortSignal | undefined;
    }): Promise<Prediction<Name>[]>;
    classify(images: readonly ImageInput[], options?: TopKOptions & {
        signal?: AbortSignal | undefined;
    }): Promise<Prediction<Name>[][]>;
    /** The examples, to be kept as JSON: `knn.from(model, json)` reads them. 11 kB for each. */
    toJSON(): KnnJSON;
    /** Forgets all examples. The model stays; calls after this fail. */
    dispose(): void;
    /** `using` forgets the examples at the end of the block. */
    [Symbol.dispose](): void;
}
declare function from<Name extends string = string>(model: Embedder, json: KnnJSON): Knn<Name>;
/**
 * A classifier of examples: `const pets = knn(model); await pets.add('cat', photo); await pets.classify(other)`. The model must live as
 * long as it does. `knn.from(model, json)` brings back what `toJSON()` gave.
 */
declare const knn: (<Name extends string = string>(model: Embedder, options?: KnnOptions) => Knn<Name>) & {
    /** The examples of `toJSON()` again, for the model that they were made with. */
    from: typeof from;
};

/** What `datasetFromFiles` takes once a drop's entries were taken out. */
type FilesInput = FileList | readonly File[] | FileSystemDirectoryHandle | Blob | readonly FileSystemEntry[];

interface FilesProgress {
    /** 'read' counts the bytes of a zip, 'check' counts pictures. */
    phase: 'read' | 'check';
    loaded: number;
    total: number;
}
/** What `datasetFromFiles` may be told. */
interface FilesOptions {
    /** Told what is being done, and how much of it is. */
    onProgress?: ((progress: FilesProgress) => void) | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
    /**
     * `'decode'` decodes each picture once, and reports those that cannot be; `'none'` leaves that to the training, which takes
     * no broken picture either. @default 'decode'
     */
    check?: 'decode' | 'none' | undefined;
}

/**
 * A dataset from a folder for each class: an `<input type="file" webkitdirectory>`'s FileList, `showDirectoryPicker()`'s handle,
 * a drop's `event.dataTransfer`, files whose names hold their paths, or a zip. Folders around all classes are skipped. Copies,
 * files that are no pictures and pictures that cannot be decoded are left out, and named in `problems`.
 *
 * @throws OptionsError for no pictures in folders, two folders that differ in case only, or a zip that is broken or a bomb.
 */
declare function datasetFromFiles(files: FilesInput | DataTransfer, options?: FilesOptions): Promise<Dataset>;
/**
 * In Node, a dataset from a folder on disk that holds a folder for each class.
 *
 * @throws OptionsError for a folder that is not there or has no pictures in folders, and in a browser.
 */
declare function datasetFromFolder(path: string, options?: FilesOptions): Promise<Dataset>;

/** Models saved in the browser: written shard by shard, and there only once all of it is. */

/** A model in the browser's storage. */
interface SavedModel {
    /** What `load({ weights })` and `remove()` take: `indexeddb://pets`. */
    where: string;
    labels: readonly string[];
    /** That it takes in the storage. */
    bytes: number;
    savedAt: Date;
    /** The set that it needs beside, when only its trained layers were saved. */
    base?: {
        name: string;
        hash: string;
    };
}

/** saved() and remove(): the models in the browser's storage. What knows of it is fetched when they are called. */

/** The models that were saved as `indexeddb://…` by this site in this browser, by name. Where there is no IndexedDB there are none. */
declare const saved: () => Promise<SavedModel[]>;
/**
 * Deletes a model: `await remove('indexeddb://pets')`. Answers whether there was one.
 *
 * @throws OptionsError for anything but `indexeddb://` and a name.
 * @throws WeightsError when the storage cannot be used.
 */
declare const remove: (where: string) => Promise<boolean>;

export { AlexNetError, BackendError, FineTuneRun, ImageError, Knn, Model, OptionsError, ShapeError, TrainingError, TunedModel, WeightsError, caffeAlexNet, caffeNet, checkManifest, constant, constantRate, conv2d, create, crops, datasetFromFiles, datasetFromFolder, dense, dropout, encode, encodeFloat16, encodeFloat32, encodeInt8, encodeUint8, evaluate, flatten, formatShape, indexModule, initialise, knn, layerFromJSON, layerTypes, load, lrn, maxPool, momentumUpdate, normal, numbers, paperAlexNet, plateau, random, relu, remove, saved, sequential, sequentialFromJSON, softmax, streamSet, tanh, toDataset, toPixels, torchvisionAlexNet, updateLayer, writeSet };
export type { ActivationOptions, Activations, AddClassOptions, AlexNetOptions, AugmentOptions, BackendChange, BackendName, ChosenBackend, ClassEvaluation, ClassifyOptions, Conv2dOptions, CreateOptions, Crop, CropKind, Dataset, DatasetInput, DatasetOptions, DatasetProblem, DenseOptions, DropoutOptions, EmbedOptions, Encoded, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FilesOptions, FineTuneOptions, FineTuneProgress, History, ImageInput, Init, KnnJSON, KnnOptions, Label, LabelledImage, Layer, LayerGradients, LayerJSON, LayerName, LayerSummary, LayerUpdate, LoadOptions, LoadProgress, LrnOptions, Manifest, ManifestFacts, MaxPoolOptions, Measure, Mode, NetworkSummary, Origin, Padding, Param, Pass, Pictures, Pixels, PlateauOptions, Position, Prediction, Preprocessing, Quantization, Range, Retries, SaveOptions, SaveResult, SaveTarget, SavedModel, Schedule, ScheduleState, Sequential, SequentialOptions, Shape, Shard, Step, StepReport, StoredType, Tensors, TrainerState, TrainingData, UpdateOptions, WeightEntry, WeightSet, WeightsInput, WriteOptions, WrittenSet };
