import { Tensor } from '@tensorflow/tfjs-core';

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

/** What goes into a model's calls and comes out of them, and what a model is made of. */

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
declare function encodeCodes(name: string, shape: Shape, codes: Int8Array, factors: Float32Array): Encoded[];
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
interface WriteOptions {
    /** Packs the bytes of a shard, or false to store them as they are. @default the platform's gzip */
    compress?: Compress | false;
    /** The largest stored file, in bytes: 256 to 4 MiB. @default 4 MiB */
    maxShardBytes?: number;
    /** Tensors that begin a shard of their own, so that what comes before them can be used before they arrive. @default none */
    newShardAt?: readonly string[];
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

/** TunedModel: what fineTune() gives: a model that knows how it was trained, and can be taught more classes. */

/** How a tuned model's head was trained, for `addClass` to go on so. */
type Recipe = Pick<FineTuneOptions, 'epochs' | 'batchSize' | 'momentum' | 'weightDecay' | 'augment' | 'seed'> & {
    headRate: number;
    classWeights: 'auto' | 'equal';
};

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

/** Files that are read in parts, and the tensors in them: 61 M weights need not be in memory at once. */

/** A file that is read in parts. */
interface FileParts {
    /** What it is called, in messages. */
    name: string;
    /** Bytes. */
    size: number;
    /** The bytes from `start` up to, but without, `end`. */
    read(start: number, end: number): Promise<Uint8Array>;
}
/** One tensor of the file, not yet read. */
interface StoredTensor {
    dtype: string;
    shape: Shape;
    /** Its values; halves and bfloat16 as float32, whole numbers of 8 bits as they are. They may lie in what the file gave: do not write into them. */
    values(): Promise<Float32Array | Int8Array>;
}

/** What was done with one tensor of the file. */
interface ConvertedTensor {
    /** In the file. */
    from: string;
    /** In the set. */
    to: string;
    shape: readonly number[];
    /** How its axes were turned: `OIHW → HWIO`. Empty for what stays. */
    turned: string;
    /** `uint8 codes`, `float32`, … */
    as: string;
}
interface EncodeOptions {
    /** How kernels are stored. @default 'float32' */
    quantize?: StoredType | undefined;
    /** Told of each tensor as it is done. */
    onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}
/** One line of the table that a conversion prints. */
declare const tableRow: ({ from, to, shape, turned, as }: ConvertedTensor) => string;
/** The head of that table. */
declare const tableHead: () => string;

/** Reads Caffe's .caffemodel: the blobs of each layer by name, as `conv1.0` (kernel) and `conv1.1` (bias), and what its AlexNets are here. */

/**
 * The mean of a `mean.binaryproto` as red, green, blue; of a mean image, the average over its pixels.
 *
 * @throws WeightsError for a file that is no BlobProto of three channels.
 */
declare function readCaffeMean(file: FileParts): Promise<[number, number, number]>;

/** The tensors by name, and the texts that the writer put beside them. */
interface Safetensors {
    tensors: Map<string, StoredTensor>;
    metadata: Record<string, string>;
}
/**
 * The tensors of a file that Hugging Face's `safetensors` wrote, from PyTorch or elsewhere. Only the header is read; a tensor when it is
 * asked for.
 *
 * @throws WeightsError for a file that is none, is cut short, or says things of its tensors that cannot be: every problem is listed.
 */
declare function readSafetensors(file: FileParts): Promise<Safetensors>;

interface Converted {
    facts: ManifestFacts;
    /** In the order of the layers, the convolutions first; each is read when it is asked for. */
    tensors: AsyncIterable<Encoded>;
    /** The first tensor of the fully connected layers, 96 % of the bytes: what comes before it gives features already. */
    classifierStartsAt: string | undefined;
}
/**
 * Reads a `.safetensors` file with `<layer>.kernel` (HWIO, or `[in, out]`) and `<layer>.bias` for each layer, and what a manifest says beside
 * its tensors as JSON under `alexnet-ts` in the metadata. A kernel of int8 codes has a `<layer>.kernel.scale` for each output channel and stays
 * as it is; any other is stored as `quantize` says. `onTensor` is told of each.
 *
 * @throws WeightsError for what is missing, listing everything at once.
 */
declare const convertRecipe: (file: FileParts, options?: EncodeOptions) => Promise<Converted>;

interface ConvertOptions extends EncodeOptions {
    /** The classes in order: see `readLabels`. @default `class 0`, `class 1`, …, but for files that name them */
    labels?: readonly Label[] | undefined;
    /** What is subtracted from red, green, blue, in levels of 0..255. @default Caffe's or torchvision's mean of ImageNet */
    mean?: readonly [number, number, number] | undefined;
    /** Which network a .caffemodel is of, if it does not say so: `caffenet` pools before it normalises. @default by the file's name */
    variant?: 'caffe' | 'caffenet' | undefined;
    /** What the first layer of an ONNX file takes. @default 'bgr' where it normalises (LRN), as Caffe's; else 'rgb' */
    channels?: 'rgb' | 'bgr' | undefined;
    /** What the set is called. @default the file's name without its ending */
    name?: string | undefined;
    /** Told, in a sentence, of what was taken for granted. */
    onNote?: ((note: string) => void) | undefined;
}
/**
 * Reads torchvision's `alexnet` (.pth, .safetensors), Caffe's `bvlc_alexnet` and `bvlc_reference_caffenet` (.caffemodel), an AlexNet in ONNX,
 * or what this project's recipe wrote (.safetensors). Numbers of filters, units and classes are as the file has them. Only what describes the
 * tensors is read, and nothing in the file is executed; each tensor is read when it is asked for.
 *
 * @throws WeightsError for a file that is none of these, is cut short, or has other layers: every problem is listed.
 */
declare function convert(file: FileParts, options?: ConvertOptions): Promise<Converted>;

/**
 * The classes, in order. The text is a line a class, `n01440764 tench, Tinca tinca` (as Caffe's synset_words.txt) or `tench`, or JSON: a list
 * of names or of `{ label, id }`, `{ "0": ["n01440764", "tench"] }` (as Keras' imagenet_class_index.json), or the model.json of another set.
 * Of several names the first counts. ImageNet's 1000 classes stand in the order of their ids, which is checked.
 *
 * @throws OptionsError that says which line or entry is wrong.
 */
declare function readLabels(text: string, where: string): Label[];

/**
 * The tensors of a `.pth` or `.pt` file by their names in the state dict, which may lie under `state_dict` or `model` of a checkpoint. Only
 * the table of contents and the pickle are read; a tensor when it is asked for.
 *
 * @throws WeightsError for a file that is none, is cut short, is packed, asks for code, or says things of its tensors that cannot be.
 */
declare function readPyTorch(file: FileParts): Promise<Map<string, StoredTensor>>;

export { checkManifest, convert, convertRecipe, encode, encodeCodes, encodeFloat16, encodeFloat32, encodeUint8, indexModule, readCaffeMean, readLabels, readPyTorch, readSafetensors, streamSet, tableHead, tableRow, writeSet };
export type { ConvertOptions, Converted, ConvertedTensor, EncodeOptions, Encoded, FileParts, Label, Manifest, ManifestFacts, Quantization, Safetensors, Shard, StoredTensor, StoredType, Tensors, WeightEntry, WriteOptions, WrittenSet };
