import { Tensor, Tensor3D, io } from '@tensorflow/tfjs-core';

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

interface AlexNetOptions {
    /**
     * Side of the input, in pixels: Caffe's 227, or the paper's 224, which conv1 fills up with three zero pixels on the right
     * and at the bottom. Both give 55 × 55. @default 227
     */
    inputSize?: 227 | 224;
    /** The local response normalisation behind conv1 and conv2. @default the variant's own */
    lrn?: LrnOptions;
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
    wasmPaths?: string | Record<string, string> | false;
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

/** The table of a network as data; `String(summary)` is it as text. */
interface NetworkSummary {
    layers: LayerSummary[];
    /** Of all layers. */
    parameters: number;
    /** For one picture, of all layers. */
    multiplyAdds: number;
    toString(): string;
}

/** A backend that passed its self-test. */
interface ChosenBackend {
    name: BackendName;
    /** The name under which TensorFlow.js knows it. */
    engineName: string;
    /** Why the ones before it were not taken. */
    passedOver: readonly {
        name: BackendName;
        reason: string;
    }[];
}

/** Where the crops of a picture lie: the centre, or the paper's ten (section 4.1). */

/** `'centre'`: one view. `'ten'`: four corners and the centre, and their mirror images; the predictions are averaged. */
type CropKind = 'centre' | 'ten';

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
    std?: readonly [number, number, number];
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
    /** Measured, as fractions; with the pictures and the command that measured them. */
    accuracy?: {
        top1: number;
        top5: number;
        pictures: number;
        on: string;
        command: string;
    };
}

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
    topK?: number;
    /** Leaves out what is less probable, in [0, 1]. @default 0 */
    minProbability?: number;
}

/** Model: a network with its weights, classes and preprocessing on one backend. Each method is a few calls into the folders. */

interface ClassifyOptions extends TopKOptions {
    /** One view of the centre, or the paper's ten, whose predictions are averaged (section 4.1). @default 'centre' */
    crops?: CropKind;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal;
}
interface ActivationOptions {
    /** What comes out before the ReLU that follows the layer, if one does. @default false */
    beforeRelu?: boolean;
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal;
}
interface EmbedOptions {
    /** The layer whose output is wanted. @default 'fc7' */
    layer?: LayerName | (string & {});
    /** Stops the call with the signal's reason. */
    signal?: AbortSignal;
}
/** Numbers and their shape, without the batch axis: height × width × channels, or units. */
interface Activations {
    shape: number[];
    data: Float32Array;
}
/** What a model is made of. */
interface ModelParts {
    /** What it is called: the set's name. */
    name: string;
    net: Sequential;
    params: Record<string, Tensor>;
    classes: readonly Label[];
    preprocessing: Preprocessing;
    backend: ChosenBackend;
}
/**
 * A network with its weights on one backend. Made by `load()` and `create()`; `dispose()` frees its tensors, and a call
 * after that throws a BackendError. The app's own TensorFlow.js is left as it is by every call.
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
    /** Where it runs. */
    readonly backend: BackendName;
    /** Why the backends that `'auto'` prefers to this one were not taken. */
    readonly passedOver: ChosenBackend['passedOver'];
    /** @internal Use `load()` or `create()`. */
    constructor({ name, net, params, classes, preprocessing, backend }: ModelParts, constants: Record<string, Tensor>);
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
    /** Frees the tensors. Calls that have begun are answered or fail with a BackendError; later ones fail. May be called again. */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}

/** Where a set of weights is read from: addresses, files, an imported set, or a TensorFlow.js IO handler. */

/** What `alexnet-ts/weights/<set>` exports: the addresses of its files, which bundlers emit. */
interface WeightSet {
    manifest: URL | string;
    /** By their path in the manifest. */
    shards: Readonly<Record<string, URL | string>>;
}
/** Anything `load({ weights })` takes. */
type WeightsInput = string | URL | readonly (string | URL)[] | readonly File[] | FileList | WeightSet | io.IOHandler;

/** What `load` is doing. Bytes up to 'upload'; 'warm-up' counts layers. */
interface LoadProgress {
    phase: 'fetch' | 'verify' | 'decode' | 'upload' | 'warm-up';
    loaded: number;
    total: number;
}

interface StartOptions extends BackendOptions {
    /** `'auto'` takes WebGL on a real GPU, else WASM, else CPU: the first that passes a self-test. @default 'auto' */
    backend?: 'auto' | BackendName;
    /** Told what is being done, and how much of it is: bytes, at last layers. */
    onProgress?: (progress: LoadProgress) => void;
    /** Stops loading with the signal's reason, and leaves nothing behind. */
    signal?: AbortSignal;
}
interface LoadOptions extends StartOptions {
    /**
     * The address of a model.json, a list of mirrors that are tried in order, the files of a set, a set imported from
     * `alexnet-ts/weights/…`, or a TensorFlow.js IO handler (`indexeddb://name` as a string too). @default the shipped set
     */
    weights?: WeightsInput;
    /** `'auto'` keeps the shards by their hash in the browser's Cache API, where there is one. @default 'auto' */
    cache?: 'auto' | false;
}
interface CreateOptions<Name extends string = string> extends StartOptions {
    /** What to call the classes, by index. @default class 0, class 1, … */
    labels?: readonly Name[];
    /** How pictures are made ready. @default the paper's: shorter side to 256/227 of the input, centre, ImageNet's mean subtracted */
    preprocessing?: Preprocessing;
    /** Seed of the initial weights: the same seed, the same network. @default 0 */
    seed?: number;
}
/**
 * Loads a set of weights and makes it ready: `const model = await load()`.
 *
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it.
 * @throws BackendError when no backend can be used, with the reason for each.
 * @throws OptionsError for an option out of range.
 */
declare function load({ weights, backend, onProgress, signal, cache, ...backendOptions }?: LoadOptions): Promise<Model>;
/**
 * A model of a network of one's own, with fresh weights: the network needs an `inputShape`, and ends in one score a class.
 *
 * @throws OptionsError or ShapeError when network, labels and preprocessing do not belong together.
 */
declare function create<const Name extends string = string>(net: Sequential, { labels, preprocessing, seed, backend, onProgress, signal, ...backendOptions }?: CreateOptions<Name>): Promise<Model<Name>>;

/** What `alexnet-ts` offers, once by name and once as the namespace `alexnet`: see index.ts. */

type api_ActivationOptions = ActivationOptions;
type api_Activations = Activations;
type api_AlexNetError = AlexNetError;
declare const api_AlexNetError: typeof AlexNetError;
type api_AlexNetOptions = AlexNetOptions;
type api_BackendError = BackendError;
declare const api_BackendError: typeof BackendError;
type api_BackendName = BackendName;
type api_ClassifyOptions = ClassifyOptions;
type api_CreateOptions<Name extends string = string> = CreateOptions<Name>;
type api_CropKind = CropKind;
type api_EmbedOptions = EmbedOptions;
type api_ImageError = ImageError;
declare const api_ImageError: typeof ImageError;
type api_ImageInput = ImageInput;
type api_Label = Label;
type api_LayerName = LayerName;
type api_LayerSummary = LayerSummary;
type api_LoadOptions = LoadOptions;
type api_LoadProgress = LoadProgress;
type api_Manifest = Manifest;
type api_Model<Name extends string = string> = Model<Name>;
declare const api_Model: typeof Model;
type api_NetworkSummary = NetworkSummary;
type api_OptionsError = OptionsError;
declare const api_OptionsError: typeof OptionsError;
type api_Prediction<Name extends string = string> = Prediction<Name>;
type api_Preprocessing = Preprocessing;
type api_ShapeError = ShapeError;
declare const api_ShapeError: typeof ShapeError;
type api_WeightSet = WeightSet;
type api_WeightsError = WeightsError;
declare const api_WeightsError: typeof WeightsError;
type api_WeightsInput = WeightsInput;
declare const api_caffeAlexNet: typeof caffeAlexNet;
declare const api_caffeNet: typeof caffeNet;
declare const api_create: typeof create;
declare const api_load: typeof load;
declare const api_paperAlexNet: typeof paperAlexNet;
declare const api_torchvisionAlexNet: typeof torchvisionAlexNet;
declare namespace api {
  export { api_AlexNetError as AlexNetError, api_BackendError as BackendError, api_ImageError as ImageError, api_Model as Model, api_OptionsError as OptionsError, api_ShapeError as ShapeError, api_WeightsError as WeightsError, api_caffeAlexNet as caffeAlexNet, api_caffeNet as caffeNet, api_create as create, api_load as load, api_paperAlexNet as paperAlexNet, api_torchvisionAlexNet as torchvisionAlexNet };
  export type { api_ActivationOptions as ActivationOptions, api_Activations as Activations, api_AlexNetOptions as AlexNetOptions, api_BackendName as BackendName, api_ClassifyOptions as ClassifyOptions, api_CreateOptions as CreateOptions, api_CropKind as CropKind, api_EmbedOptions as EmbedOptions, api_ImageInput as ImageInput, api_Label as Label, api_LayerName as LayerName, api_LayerSummary as LayerSummary, api_LoadOptions as LoadOptions, api_LoadProgress as LoadProgress, api_Manifest as Manifest, api_NetworkSummary as NetworkSummary, api_Prediction as Prediction, api_Preprocessing as Preprocessing, api_WeightSet as WeightSet, api_WeightsInput as WeightsInput };
}

export { AlexNetError, BackendError, ImageError, Model, OptionsError, ShapeError, WeightsError, api as alexnet, caffeAlexNet, caffeNet, create, load, paperAlexNet, torchvisionAlexNet };
export type { ActivationOptions, Activations, AlexNetOptions, BackendName, ClassifyOptions, CreateOptions, CropKind, EmbedOptions, ImageInput, Label, LayerName, LayerSummary, LoadOptions, LoadProgress, Manifest, NetworkSummary, Prediction, Preprocessing, WeightSet, WeightsInput };
