import { Pixels, Position, TrainerState, TrainingData, DatasetProblem, DatasetInput, Schedule, StepReport, History } from './shared.js';
import { Preprocessing, Model } from './api.js';
export { ClassEvaluation, Crop, CropKind, Dataset, DatasetOptions, EpochReport, EvaluateOptions, Evaluation, Example, FilesInput, FilesOptions, LabelledImage, Measure, Pictures, PlateauOptions, ScheduleState, UpdateOptions, constantRate, crops, datasetFromFiles, datasetFromFolder, evaluate, momentumUpdate, numbers, plateau, random, toDataset, toPixels } from './shared.js';
import { Tensor } from '@tensorflow/tfjs-core/dist/tensor.js';

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
    #private;
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
    /** Takes the place of the one before, as a whole or not at all. */
    save(checkpoint: Checkpoint): Promise<void>;
    /** The last that was saved. */
    load(): Promise<Checkpoint | undefined>;
    /** Does nothing where there is none. */
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

/** The paper's update rule for one tensor of weights. */

/** The letters of the paper's update rule, section 5. */
interface MomentumOptions {
    /** Step along the gradient. @default 0.01 */
    learningRate?: number | undefined;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number | undefined;
    /** Share of the weights that is taken off, times the learning rate. @default 0.0005 */
    weightDecay?: number | undefined;
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

/** Pictures as examples: kept as pixels, and cut out, mirrored and shifted in colour anew each time they are asked for. */

/** What `pictures` may be told. */
interface PictureOptions {
    /** What is drawn for each view; false shows the centre. @default the paper's crops, mirror images and colours */
    augment?: Augmentation | false | undefined;
    /** Principal colours that are known already. @default those of the pictures */
    colours?: PrincipalColours | undefined;
    /** Told of each picture as it is decoded. */
    onPicture?: ((done: number, total: number) => void) | undefined;
    signal?: AbortSignal | undefined;
}
/** Decoded pictures: the central square of each, a byte a value. */
declare class PictureData implements TrainingData {
    #private;
    readonly preprocessing: Preprocessing;
    private readonly augmentation;
    readonly classes: number[];
    readonly names: string[];
    /** For each the index of its example. */
    readonly examples: number[];
    readonly problems: DatasetProblem[];
    constructor(preprocessing: Preprocessing, augmentation?: Augmentation | false, colours?: PrincipalColours);
    /** Keeps a decoded picture, as a square of levels from 0 to 255. */
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

/** What `train` may be told. */
interface TrainOptions {
    /** Times through the examples, at most: the schedule may end it before. @default 90 */
    epochs?: number | undefined;
    /** Examples a step. @default 128 */
    batchSize?: number | undefined;
    /** Step along the gradient, for all layers or by layer (0.01 where not named). @default 0.01 */
    learningRate?: number | Readonly<Record<string, number>> | undefined;
    /** Share of the last step that is taken again. @default 0.9 */
    momentum?: number | undefined;
    /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
    weightDecay?: number | undefined;
    /** How the learning rate changes. @default plateau(): divided by ten when the error stands still, three times */
    schedule?: Schedule | undefined;
    /** Order of the examples, random views, dropout: the same seed on the same backend gives the same network. @default 0 */
    seed?: number | undefined;
    /** Examples to measure by after each epoch; the schedule looks at their error, or without them at the training loss. */
    validation?: TrainingData | undefined;
    /** Where to keep a checkpoint, and after how many steps. What is there already is gone on from, as if nothing had been. */
    checkpoint?: {
        store: CheckpointStore;
        every: number;
    } | undefined;
    /** Ends the loop with the signal's reason. */
    signal?: AbortSignal | undefined;
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
declare function prepareTraining(tfBackend: string): Promise<Speed>;

export { ColourStatistics, DatasetInput, DatasetProblem, History, PictureData, Pixels, Schedule, StepReport, TrainingData, centralSquare, centreView, checkpointDatabase, checkpointFile, colourShift, crossEntropy, cutView, drawView, momentumStep, pictures, prepareTraining, stratifiedSplit, train };
export type { Augmentation, Checkpoint, CheckpointStore, Colour, MomentumOptions, PictureOptions, PrincipalColours, Speed, Split, TrainOptions, View };
