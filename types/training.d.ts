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

/** An initial value as data, so that layers stay serialisable and nothing is allocated until it is wanted. */
type Init = {
    kind: 'normal';
    std: number;
} | {
    kind: 'constant';
    value: number;
};
/** A seeded generator of uniform numbers in [0, 1): sfc32, whose four words of state pass PractRand. */
declare function random(seed: number): () => number;

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
    std?: readonly [number, number, number];
}

/** The principal colours of a set of pictures: the eigenvectors of the covariance of red, green and blue (paper, section 4.1). */
/** Three numbers: red, green, blue. */
type Colour = readonly [number, number, number];
/** Directions in which a set's colours vary, the strongest first. */
interface PrincipalColours {
    /** Of length 1, at right angles. */
    vectors: readonly [Colour, Colour, Colour];
    /** The variance along each, of values in [0, 1]: with the paper's 0.1 a shift is of some levels of 255. */
    values: Colour;
}
/** Adds pictures up, one after the other, so that they need not be held at once. */
declare class ColourStatistics {
    /** The pixels of a picture: red, green, blue, in levels of 0..255. */
    add(rgb: ArrayLike<number>): void;
    /** The principal colours of what was added; of nothing, variances of 0. */
    principalColours(): PrincipalColours;
}

/** Random views of a picture for training: the paper's crops, mirror images and shifts of colour (section 4.1). */

/** What is drawn anew for each view. */
interface Augmentation {
    /** Cut out anywhere in the central square, not in its middle. @default true */
    crop?: boolean;
    /** Mirrored left to right, every second time. @default true */
    mirror?: boolean;
    /** Standard deviation of the shifts along the principal colours: the paper's 0.1. 0 is none. @default 0.1 */
    colour?: number;
}
/** One view: where it is cut out of the central square, in pixels, and what is done to it. */
interface View {
    left: number;
    top: number;
    mirrored: boolean;
    /** Added to red, green and blue, in levels of 0..255. */
    shift: Colour;
}
/** The central square of the resized picture, `[resize, resize, 3]` flat, in levels of 0..255: what views are cut out of. */
declare function centralSquare(picture: Pixels, { resize }: Preprocessing): Float32Array;
/** The view in the middle, as `classify` sees it. */
declare function centreView({ resize, crop }: Preprocessing): View;
/**
 * The paper's shift of colour, `[p1 p2 p3] · [a1·λ1, a2·λ2, a3·λ3]`, with p and λ the principal colours and their variances: what is
 * added to red, green and blue, in levels of 0..255. In training the strengths a are drawn from N(0, 0.1).
 */
declare function colourShift(strengths: Colour, { vectors, values }: PrincipalColours): Colour;
/**
 * Draws a view. Its `colourShift` has strengths from N(0, `colour`), drawn once for the whole view. It takes nine numbers of the
 * generator, whatever the options.
 */
declare function drawView(uniform: () => number, preprocessing: Preprocessing, { crop, mirror, colour }?: Augmentation, colours?: PrincipalColours): View;
/** What the network takes for a view of a central square: `[inputSize, inputSize, 3]` flat, into `target`. */
declare function cutView(square: ArrayLike<number>, { left, top, mirrored, shift }: View, { resize, crop, inputSize, mean, std }: Preprocessing, target?: Float32Array): Float32Array;

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

/** Examples with their classes. Whoever reads it gives the generator that random views are drawn from. */
interface TrainingData {
    /** The class of each example. */
    readonly classes: readonly number[];
    /** The inputs of these examples, one after the other. */
    inputs(examples: readonly number[], uniform: () => number): Float32Array | Promise<Float32Array>;
}
/** Examples that are numbers already: `values` holds the input of each, of equal length, one after the other. */
declare function numbers(values: Float32Array, classes: readonly number[]): TrainingData;

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
interface Schedule {
    start(): ScheduleState;
    /** The state after an epoch with this error: of the validation pictures, or without these the training loss. */
    next(state: ScheduleState, error: number): ScheduleState;
}
/** The same rate throughout. */
declare const constantRate: () => Schedule;
interface PlateauOptions {
    /** Epochs without a lower error, after which the rate is divided. @default 5 */
    patience?: number;
    /** What the rate is divided by. @default 10 */
    divisor?: number;
    /** How often; when the error stands still once more, training ends. @default 3 */
    times?: number;
    /** A fall of the error by less is none. @default 0 */
    threshold?: number;
}
/** The paper's: "divide the learning rate by 10 when the validation error rate stopped improving with the current learning rate", three times (section 5). */
declare function plateau({ patience, divisor, times, threshold }?: PlateauOptions): Schedule;

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

/** A training between two steps. Everything random follows from the seed, the epoch and the step. */
interface Checkpoint {
    position: Position;
    /** What must be the same when it goes on: the seed, the batch, how many examples, the sizes of the weights. */
    settings: {
        seed: number;
        batchSize: number;
        examples: number;
    };
    state: TrainerState;
}
/** Where a checkpoint is kept: one at a time, and never half of one. */
interface CheckpointStore {
    save(checkpoint: Checkpoint): Promise<void>;
    /** The last that was saved. */
    load(): Promise<Checkpoint | undefined>;
    remove(): Promise<void>;
}

/**
 * Keeps a checkpoint in the browser, under a name. One transaction replaces the old one by the new, so that a tab that is closed, or a
 * full disk, leaves the old one whole.
 */
declare function checkpointDatabase(name: string): CheckpointStore;

/** Keeps a checkpoint in a file, in Node. */
declare function checkpointFile(path: string): CheckpointStore;

/** The loss: softmax cross-entropy of class scores. */

/**
 * The mean over the batch of −log(softmax(scores)[class]): `scores` `[n, classes]`, `classes` n indices. A scalar tensor,
 * differentiable by the scores. The paper maximises the same, "the average across training cases of the log-probability".
 *
 * @throws OptionsError for an index that is no class.
 */
declare function crossEntropy(scores: Tensor, classes: readonly number[]): Tensor;

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
    name?: string;
}
/** The pictures of one class. */
type Pictures = Iterable<ImageInput> | AsyncIterable<ImageInput>;
/** Anything that labelled pictures may be given as: `{ cat: pictures, dog: pictures }`, a list or a stream of `{ image, label }`, a dataset. */
type DatasetInput<Name extends string = string> = Dataset<Name> | Readonly<Record<Name, Pictures>> | Iterable<LabelledImage<Name>> | AsyncIterable<LabelledImage<Name>>;
interface DatasetOptions {
    /** What messages begin with. @default 'dataset' */
    where?: string;
    /** How many classes there must be: training needs two. @default 1 */
    minClasses?: number;
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

/** What `datasetFromFiles` takes once a drop's entries were taken out. */
type FilesInput = FileList | readonly File[] | FileSystemDirectoryHandle | Blob | readonly FileSystemEntry[];

interface FilesProgress {
    /** 'read' counts the bytes of a zip, 'check' counts pictures. */
    phase: 'read' | 'check';
    loaded: number;
    total: number;
}
interface FilesOptions {
    /** Told what is being done, and how much of it is. */
    onProgress?: (progress: FilesProgress) => void;
    /** Stops with the signal's reason. */
    signal?: AbortSignal;
    /**
     * `'decode'` decodes each picture once, and reports those that cannot be; `'none'` leaves that to the training, which takes
     * no broken picture either. @default 'decode'
     */
    check?: 'decode' | 'none';
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

/** The paper's update rule for one tensor of weights. */

interface MomentumOptions {
    /** Step along the gradient. @default 0.01 */
    learningRate?: number;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number;
    /** Share of the weights that is taken off, times the learning rate. @default 0.0005 */
    weightDecay?: number;
}
/**
 * `v ← momentum · v − weightDecay · learningRate · w − learningRate · gradient; w ← w + v` (paper, section 5). All tensors have
 * the same shape; new ones are returned, the old ones stay. PyTorch's SGD keeps v without the learning rate in it, which
 * differs once the rate changes; tfjs' momentum optimiser has no weight decay.
 */
declare function momentumStep(weights: Tensor, velocity: Tensor, gradient: Tensor, { learningRate, momentum, weightDecay }?: MomentumOptions): {
    weights: Tensor;
    velocity: Tensor;
};

/** Where a model runs. */
type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';
interface BackendOptions {
    /**
     * Where the three .wasm files of @tensorflow/tfjs-backend-wasm are served: a folder's URL ending in "/", or a URL for each
     * file name. `false` when the app has called tfjs' `setWasmPaths` itself. @default beside this package
     */
    wasmPaths?: string | Record<string, string> | false;
    /**
     * Threads of the WASM backend, 1 to 8, where the page is cross-origin isolated; no more than there are cores. Elsewhere it runs on
     * one: `model.threads` tells how many there are, `model.passedOver` why not more. @default 1
     */
    threads?: number;
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
    /** Those of WASM, where there are several. */
    threads?: number;
    /** What it was opened with: another one may have to be. */
    options?: BackendOptions;
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
/** The names of the paper's layers: a misspelt one does not compile. */
type LayerName = keyof ReturnType<typeof paperAlexNet>['layers'];

/** The table of a network as data; `String(summary)` is it as text. */
interface NetworkSummary {
    layers: LayerSummary[];
    /** Of all layers. */
    parameters: number;
    /** For one picture, of all layers. */
    multiplyAdds: number;
    toString(): string;
}

/** Running a network on a backend: batches of views in, numbers out. */

/** A network with its tensors, on one backend. */
interface Runnable {
    net: Sequential;
    /** By name, with the layers' constants among them. */
    tensors: Record<string, Tensor>;
    /** The name under which TensorFlow.js knows the backend. */
    engineName: string;
}

/** What goes into a model's calls and comes out of them, and what a model is made of. */

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
/** What a model is made of. */
interface ModelParts {
    /** What it is called: the set's name. */
    name: string;
    net: Sequential;
    params: Record<string, Tensor>;
    classes: readonly Label[];
    preprocessing: Preprocessing;
    backend: ChosenBackend;
    /** Undefined for fresh weights. */
    origin?: Origin | undefined;
}
/** What training takes from a model. */
interface ModelInternals extends Runnable {
    name: string;
    classes: readonly Label[];
    preprocessing: Preprocessing;
    backend: ChosenBackend;
    origin: Origin | undefined;
    /** Told when a lost context had it move to another backend, where it is from then on. */
    moved?: (to: ModelInternals, reason: string) => void;
    /** Moves it when its context is lost. */
    recover?: () => Promise<void>;
}
/** What `onBackendChange` is told. */
interface BackendChange {
    from: BackendName;
    to: BackendName;
    reason: string;
}

/** One picture's views, one after the other. */
interface Row {
    class: number;
    name: string;
    views: Float32Array | Uint16Array;
}
/** The features of labelled pictures: of each the centre view first, then perhaps further ones. */
declare class Features {
    /** Numbers of one view. */
    readonly length: number;
    readonly rows: Row[];
    constructor(
    /** Numbers of one view. */
    length: number, 
    /** How many views there will be, for the choice of their precision. */
    expected?: number);
    /** The class of each picture. */
    get classes(): number[];
    add(index: number, name: string, views: Float32Array): void;
    viewsOf(picture: number): number;
    /** Writes one view of a picture into `target`. */
    read(picture: number, view: number, target: Float32Array): void;
    /** As examples: the centre views, or views drawn at random. */
    data(pictures: readonly number[], { drawn, change }: {
        drawn: boolean;
        change?: (view: Float32Array) => void;
    }): TrainingData;
    /** The pictures of some classes, under other indices: `indices[old]` is the new one, undefined leaves out. */
    relabelled(indices: readonly (number | undefined)[]): Features;
    /** These and others. */
    with(others: Features): Features;
}

/** The options of fineTune(), and their check. */

/** What is done to a picture for further views of it. */
interface AugmentOptions {
    /** Views of each picture beside the centre; with `train: 'all'`, which draws one anew at each step, 0 means the centre alone. @default 1 for a head, else 4 */
    views?: number;
    /** Cut out anywhere in the central square, not in its middle (paper, section 4.1). @default true */
    crop?: boolean;
    /** Mirrored left to right, every second time. @default true */
    mirror?: boolean;
    /** Standard deviation of the shifts along the principal colours of the training pictures; the paper's is 0.1, 0 is none. @default 0.1 */
    colour?: number;
}
/** Told how far a part of the work is. */
interface FineTuneProgress {
    /** Pictures through the frozen layers, then steps of training. */
    phase: 'features' | 'train';
    loaded: number;
    total: number;
}
interface FineTuneOptions<Label extends string = string> {
    /**
     * What learns: `'head'`, a new last layer; `'classifier'`, all dense layers (the paper's fc6 to fc8); `'all'`; or the layers of these
     * names, with the head always among them. All but the head start from the weights they have. @default 'head'
     */
    train?: 'head' | 'classifier' | 'all' | readonly (LayerName | (string & {}))[];
    /** Times through the pictures. @default 20 for a head, else 10 */
    epochs?: number;
    /** Pictures a step. @default 16 */
    batchSize?: number;
    /** Step along the gradient, for all layers or by layer; a layer that is not named takes the default. @default 0.01 for a head by itself, else 0.001, and less for a first layer whose weights are small because its inputs, pixels, are large */
    learningRate?: number | Readonly<Record<string, number>>;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number;
    /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
    weightDecay?: number;
    /** Share of each class that is kept back to measure by, in [0, 1). @default 0 */
    validationSplit?: number;
    /** The paper's crops, mirror images and shifts of colour. @default true */
    augment?: boolean | AugmentOptions;
    /** How much a picture of each class counts: `'auto'` makes the classes count alike; or by label, 1 where not named. @default 'auto' */
    classWeights?: 'auto' | 'equal' | Readonly<Partial<Record<Label, number>>>;
    /** Ends when the validation loss (without validation: the training loss) has not fallen for so many epochs, with the best epoch's weights. */
    earlyStopping?: {
        patience: number;
    };
    /** The same seed on the same backend gives the same history. @default 0 */
    seed?: number;
    /** Keeps the features of the pictures with the model, for `addClass`. @default true */
    keepFeatures?: boolean;
    /** Called after each step. */
    onBatch?: (report: StepReport) => void;
    /** Called after each epoch. */
    onEpoch?: (report: EpochReport) => void;
    /** Told how far features and training are. */
    onProgress?: (progress: FineTuneProgress) => void;
    /** Ends the run with the signal's reason; `run.best()` still gives the best model so far. */
    signal?: AbortSignal;
}

/** TunedModel: what fineTune() gives: a model that knows how it was trained, and can be taught more classes. */

/** How a tuned model's head was trained, for `addClass` to go on so. */
type Recipe = Pick<FineTuneOptions, 'epochs' | 'batchSize' | 'momentum' | 'weightDecay' | 'augment' | 'seed'> & {
    headRate: number;
    classWeights: 'auto' | 'equal';
};
/** What a tuned model knows beside what every model does. */
interface Tuning {
    history: History;
    problems: readonly DatasetProblem[];
    /** Of its pictures, as its head sees them; undefined when they were not kept. */
    features: Features | undefined;
    recipe: Recipe;
}
interface AddClassOptions {
    /** Told how far features and training are. */
    onProgress?: FineTuneOptions['onProgress'];
    /** Ends it with the signal's reason. */
    signal?: AbortSignal;
}
/** A model that was fine-tuned. It shares the weights that were not trained with the one it came from. */
declare class TunedModel<Name extends string = string> extends Model<Name> {
    /** What its training came to, epoch by epoch. */
    readonly history: History;
    /** Pictures that were left out of it, and why. */
    readonly problems: readonly DatasetProblem[];
    /** @internal */
    readonly tuning: Tuning;
    /** @internal Use `model.fineTune()`. */
    constructor(parts: ModelParts, constants: Record<string, Tensor>, tuning: Tuning);
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

/** One class: what `classify` calls it, and its WordNet id where it has one. */
interface Label {
    /** `goldfish`. */
    label: string;
    /** `n01443537`; the label itself for classes of a user's own. */
    id: string;
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

/** FineTuneRun: a fine-tuning under way, which can be awaited, looped over, paused and stopped. */

/** What run and steps tell each other. */
interface RunControl<Name extends string> {
    /** Set by the run: finish with what there is. */
    stopped: boolean;
    /** Set by the steps, once an epoch is done: makes the model of the best one so far. */
    best?: () => TunedModel<Name>;
}
/** The steps; at the end the model. Whoever leaves them early has them free everything. */
type Steps<Name extends string> = AsyncGenerator<StepReport, TunedModel<Name>, void>;
interface RunParts<Name extends string> {
    steps(control: RunControl<Name>): Steps<Name>;
    signal?: AbortSignal | undefined;
    /** Called once, when all is over, however it ended. */
    onEnd(): void;
}
/**
 * A fine-tuning under way. `await run` gives the tuned model. `for await (const { epoch, step, loss } of run)` takes the steps into
 * one's own hands: the next one waits until the loop's body is done, and `break` ends the run and frees everything, after which
 * the promise rejects with an AbortError, quietly. One may loop first and await then.
 */
declare class FineTuneRun<Name extends string = string> implements PromiseLike<TunedModel<Name>>, AsyncIterable<StepReport> {
    /** @internal Use `model.fineTune()`. */
    constructor({ steps, signal, onEnd }: RunParts<Name>);
    then<A = TunedModel<Name>, B = never>(onFulfilled?: ((model: TunedModel<Name>) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B>;
    catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<TunedModel<Name> | B>;
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

/** Where a model is saved to: the browser's storage, a download, a folder in Node, or a TensorFlow.js IO handler. */

/** Anything `model.save` takes. */
type SaveTarget = string | URL | io.IOHandler;

interface SaveOptions {
    /**
     * Stores every layer. By default those are left out that are still the base's, the set that the model was loaded from: a new head
     * is some KB, and `load` takes the rest from the base. @default false
     */
    whole?: boolean;
    /** How the numbers of kernels are stored; biases stay as they are. @default 'float32', without loss */
    as?: StoredType;
    /** Stops saving with the signal's reason; what was saved before stays. */
    signal?: AbortSignal;
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

/** Model: a network with its weights, classes and preprocessing on one backend. Each method is a few calls into the folders. */

/**
 * A network with its weights on one backend. Made by `load()` and `create()`; `dispose()` frees its tensors, and a call
 * after that throws a BackendError. The app's own TensorFlow.js is left as it is by every call.
 */
declare class Model<Name extends string = string> {
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
    /** Called when the model had to move: its WebGL context was lost in the midst of `fineTune()`, which goes on in WASM. */
    onBackendChange?: (change: BackendChange) => void;
    /** @internal Use `load()` or `create()`. */
    constructor({ name, net, params, classes, preprocessing, backend, origin }: ModelParts, constants: Record<string, Tensor>);
    /** Where it runs. */
    get backend(): BackendName;
    /** Threads that it computes on: those of WASM, where several were asked for and could be had; else 1. */
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
    /** @internal Its tensors, each with one more holder: call `release` on all of them. */
    hold(method: string): ModelInternals;
    /** @internal What training takes, without holding it. */
    internals(method: string): ModelInternals;
    /** Frees the tensors. Calls that have begun are answered or fail with a BackendError; later ones fail. May be called again. */
    dispose(): void;
    /** `using model = await load()` frees it at the end of the block. */
    [Symbol.dispose](): void;
}

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

interface EvaluateOptions {
    /** One view of the centre, or the paper's ten, averaged. @default 'centre' */
    crops?: CropKind;
    /** Told how many pictures are done. */
    onProgress?: (progress: {
        phase: 'evaluate';
        loaded: number;
        total: number;
    }) => void;
    /** Stops with the signal's reason. */
    signal?: AbortSignal;
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

/** Pictures as examples: kept as pixels, and cut out, mirrored and shifted in colour anew each time they are asked for. */

interface PictureOptions {
    /** What is drawn for each view; false shows the centre. @default the paper's crops, mirror images and colours */
    augment?: Augmentation | false;
    /** Principal colours that are known already. @default those of the pictures */
    colours?: PrincipalColours;
    onPicture?: ((done: number, total: number) => void) | undefined;
    signal?: AbortSignal | undefined;
}
/** Decoded pictures: the central square of each, a byte a value. */
declare class PictureData implements TrainingData {
    readonly preprocessing: Preprocessing;
    private readonly augmentation;
    readonly classes: number[];
    readonly names: string[];
    /** For each the index of its example. */
    readonly examples: number[];
    readonly problems: DatasetProblem[];
    constructor(preprocessing: Preprocessing, augmentation?: Augmentation | false, colours?: PrincipalColours);
    add(example: number, index: number, name: string, square: Float32Array): void;
    /** The principal colours of all pictures, unless others were given. */
    get colours(): PrincipalColours;
    inputs(examples: readonly number[], uniform: () => number): Float32Array;
    /** Some of the pictures, augmented as all are, or only their centres. */
    some(pictures: readonly number[], drawn: boolean): TrainingData;
}
/**
 * Labelled pictures as examples for `train()`: decoded, and augmented anew each time they are looked at. Labels are the model's.
 *
 * @throws OptionsError for a label that the model does not have.
 */
declare function pictures(input: DatasetInput, { labels, preprocessing }: Pick<Model, 'labels' | 'preprocessing'>, options?: PictureOptions): Promise<PictureData>;

/** Indices among the examples. */
interface Split {
    training: number[];
    validation: number[];
}
/**
 * Keeps back `share` of each class, rounded, drawn by the seed; at least one of a class stays for training, and of a class of three or
 * more at least one is kept back. Both lists are in the order of the examples. What `fineTune` does with `validationSplit` and `seed`.
 */
declare function stratifiedSplit(classes: readonly number[], share: number, seed: number): Split;

interface TrainOptions {
    /** Times through the examples, at most: the schedule may end it before. @default 90 */
    epochs?: number;
    /** Examples a step. @default 128 */
    batchSize?: number;
    /** Step along the gradient, for all layers or by layer (0.01 where not named). @default 0.01 */
    learningRate?: number | Readonly<Record<string, number>>;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number;
    /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
    weightDecay?: number;
    /** How the learning rate changes. @default plateau(): divided by ten when the error stands still, three times */
    schedule?: Schedule;
    /** Order of the examples, random views, dropout: the same seed on the same backend gives the same network. @default 0 */
    seed?: number;
    /** Examples to measure by after each epoch; the schedule looks at their error, or without them at the training loss. */
    validation?: TrainingData;
    /** Where to keep a checkpoint, and after how many steps. What is there already is gone on from, as if nothing had been. */
    checkpoint?: {
        store: CheckpointStore;
        every: number;
    };
    /** Ends the loop with the signal's reason. */
    signal?: AbortSignal;
}
/**
 * Trains all of a model's layers, in place, on examples of its classes; `create()` makes one with the paper's initial weights.
 *
 *     for await (const { epoch, step, loss, accuracy } of train(model, await pictures(dataset, model))) …
 *
 * `break` ends it; the model keeps what it has learnt until then, and nothing else is left behind. With a checkpoint, a loop that is
 * started again goes on from it, and comes to the same weights, bit for bit, as one that was never left (on the same backend).
 *
 * @throws OptionsError for an option out of range, or a checkpoint of another training.
 * @throws TrainingError when the loss explodes.
 */
declare function train(model: Model, data: TrainingData, options?: TrainOptions): AsyncGenerator<StepReport, History, void>;

/** What was found: WASM kernels of our own with or without relaxed SIMD, or TensorFlow.js' ops. */
type Speed = 'relaxed simd' | 'simd' | 'plain';
/**
 * Sets up our WebAssembly kernels in the memory of TensorFlow.js' WASM backend (which must be open), and gives it the
 * `Conv2DBackpropFilter` that it lacks; on WebGL one program for the update. Training works without, in plain TensorFlow.js ops.
 * May be called again.
 */
declare function prepareTraining(engineName: string): Promise<Speed>;

export { ColourStatistics, PictureData, centralSquare, centreView, checkpointDatabase, checkpointFile, colourShift, constantRate, crops, crossEntropy, cutView, datasetFromFiles, datasetFromFolder, drawView, evaluate, momentumStep, momentumUpdate, numbers, pictures, plateau, prepareTraining, random, stratifiedSplit, toDataset, toPixels, train };
export type { Augmentation, Checkpoint, CheckpointStore, ClassEvaluation, Colour, Crop, CropKind, Dataset, DatasetInput, DatasetOptions, DatasetProblem, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FilesOptions, History, LabelledImage, Measure, MomentumOptions, PictureOptions, Pictures, Pixels, PlateauOptions, PrincipalColours, Schedule, ScheduleState, Speed, Split, StepReport, TrainOptions, TrainingData, UpdateOptions, View };
