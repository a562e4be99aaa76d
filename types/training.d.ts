import { TrainingPosition, TrainerState, Schedule, TrainingData, Pixels } from './shared.js';
import { StepReport, History, Preprocessing, DatasetInput, DatasetProblem, ImageInput } from './api.js';
import { Sequential } from './layers.js';
export { arrayData, constantRate, crops, evaluate, plateau, random, toDataset } from './shared.js';

/**
 * The state of training between two steps. All random numbers follow from the seed, the epoch and
 * the step.
 */
interface Checkpoint {
    position: TrainingPosition;
    /** These must be the same when training resumes, as must the sizes of the weights. */
    settings: {
        seed: number;
        batchSize: number;
        examples: number;
    };
    state: TrainerState;
}
/** Stores one checkpoint at a time, and never an incomplete one. */
interface CheckpointStore {
    /** Replaces the previous checkpoint, completely or not at all. */
    save(checkpoint: Checkpoint): Promise<void>;
    /** Returns the saved checkpoint; undefined if there is none. */
    load(): Promise<Checkpoint | undefined>;
    /** Removes the checkpoint if there is one. */
    remove(): Promise<void>;
}

/** Options of `train`. */
interface TrainOptions {
    /**
     * The maximum number of passes over the examples: the schedule can end training earlier. @default
     * 90
     */
    epochs?: number | undefined;
    /** Examples per step. @default 128 */
    batchSize?: number | undefined;
    /**
     * Step size along the gradient, for all layers or by layer; layers that are not named use the
     * default. @default 0.01
     */
    learningRate?: number | Readonly<Record<string, number>> | undefined;
    /** Fraction of the previous step that is added to the next one. @default 0.9 */
    momentum?: number | undefined;
    /** Fraction of the weights that a step subtracts, times the learning rate. @default 0.0005 */
    weightDecay?: number | undefined;
    /** How the learning rate changes from epoch to epoch. @default plateau() */
    schedule?: Schedule | undefined;
    /**
     * Seed of the order of examples, random views and dropout: the same seed on the same backend
     * gives the same network. @default 0
     */
    seed?: number | undefined;
    /**
     * Examples to validate on after each epoch. The schedule uses their error, or without them the
     * training loss.
     */
    validation?: TrainingData | undefined;
    /**
     * Saves a checkpoint to `store` every `every` steps. If `store` has a checkpoint, training
     * resumes from it.
     */
    checkpoint?: {
        store: CheckpointStore;
        every: number;
    } | undefined;
    /** Stops training with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** A model whose weights `train` changes: a `Model` of alexnet-ts. */
interface TrainableModel {
    readonly net: Sequential;
    readonly labels: readonly string[];
}
/**
 * Trains all layers of a model in place, on examples of its classes. `create()` makes a model with
 * the paper's initial weights.
 *
 *     for await (const { epoch, step, loss, accuracy } of train(model, await imageData(dataset, model))) …
 *
 * `break` ends training and frees everything; the model keeps what it has learned so far. With a
 * checkpoint, training that is started again resumes from it and reaches the same weights as
 * training without interruption, bit for bit (on the same backend).
 *
 * @throws OptionsError for an option out of range, or a checkpoint of different training.
 * @throws TrainingError if the loss diverges.
 */
declare function train(model: TrainableModel, data: TrainingData, options?: TrainOptions): AsyncGenerator<StepReport, History, void>;

/**
 * The principal colors of a set of images: the eigenvectors of the covariance of red, green and
 * blue (paper, section 4.1).
 */
/** Red, green and blue. */
type Color = readonly [number, number, number];
/** The directions in which the colors of a set vary, the strongest first. */
interface PrincipalColors {
    /** Orthonormal. */
    vectors: readonly [Color, Color, Color];
    /** The variance along each vector, of values in [0, 1]. */
    values: Color;
}
/** Accumulates the color statistics of images, one after the other. */
declare class ColorStatistics {
    #private;
    /** Adds an image: red, green and blue of each pixel, in levels of 0 to 255. */
    add(rgb: ArrayLike<number>): void;
    /** Returns the principal colors of the images added; without any, variances are 0. */
    principalColors(): PrincipalColors;
}

/**
 * Random views of an image for training: the paper's crops, mirror images and color shifts (section
 * 4.1).
 */

/** What random views differ in. */
interface Augmentation {
    /** Crops at a random position of the central square instead of its center. @default true */
    crop?: boolean | undefined;
    /** Mirrors half of the views left to right. @default true */
    mirror?: boolean | undefined;
    /** Standard deviation of the color shifts along the principal colors; 0 for none. @default 0.1 */
    color?: number | undefined;
}
/** One view: its position in the central square, in pixels, and how it is changed. */
interface View {
    left: number;
    top: number;
    mirrored: boolean;
    /** Added to red, green and blue, in levels of 0 to 255. */
    shift: Color;
}
/**
 * Returns the central square of the resized image, `[resize, resize, 3]` flat, in levels of 0 to
 * 255, for `cutView`.
 */
declare function centralSquare(image: Pixels, { resize }: Preprocessing): Float32Array;
/** Returns the center view, as `classify` sees it. */
declare function centerView({ resize, crop }: Preprocessing): View;
/**
 * Returns the paper's color shift, `[p1 p2 p3] · [α1·λ1, α2·λ2, α3·λ3]`, with p and λ the principal
 * colors and their variances (section 4.1): what is added to red, green and blue, in levels of 0 to
 * 255. In training, α is drawn from N(0, 0.1).
 */
declare function colorShift(strengths: Color, { vectors, values }: PrincipalColors): Color;
/**
 * Draws a random view. Its color shift is drawn once for the whole view. Takes nine numbers from
 * the generator, regardless of the options.
 */
declare function drawView(uniform: () => number, preprocessing: Preprocessing, { crop, mirror, color }?: Augmentation, colors?: PrincipalColors): View;
/**
 * Cuts a view out of a central square, and normalizes it: the network's input `[inputSize,
 * inputSize, 3]`, flat.
 */
declare function cutView(square: ArrayLike<number>, { left, top, mirrored, shift }: View, { resize, crop, inputSize, mean, std }: Preprocessing, target?: Float32Array): Float32Array;

/** Options of `imageData`. */
interface ImageDataOptions {
    /**
     * What random views differ in; false for the center alone. @default the paper's crops, mirror
     * images and colors
     */
    augment?: Augmentation | false | undefined;
    /** Principal colors of the training set. @default those of the images */
    colors?: PrincipalColors | undefined;
    /** Called after each image is decoded. */
    onImage?: ((done: number, total: number) => void) | undefined;
    /** Stops with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** Decoded images for `train`. Keeps the central square of each, one byte per value. */
declare class ImageTrainingData implements TrainingData {
    #private;
    readonly preprocessing: Preprocessing;
    private readonly augmentation;
    /** The class of each image, by index. */
    readonly classes: number[];
    readonly names: string[];
    /** The index of each image's example in the dataset. */
    readonly examples: number[];
    /** Images that could not be read. */
    readonly problems: DatasetProblem[];
    constructor(preprocessing: Preprocessing, augmentation?: Augmentation | false, colors?: PrincipalColors);
    /** Adds a decoded image: its central square, in levels of 0 to 255. */
    add({ example, label, name }: {
        example: number;
        label: number;
        name: string;
    }, square: Float32Array): void;
    /** The given principal colors, or those of all images. */
    get colors(): PrincipalColors;
    inputs(images: readonly number[], uniform: () => number): Float32Array;
    /** Returns some of the images, with the same augmentation as all images or with none. */
    subset(images: readonly number[], { augment }: {
        augment: boolean;
    }): TrainingData;
}
/**
 * Decodes labeled images for `train()`, which sees a new random view of an image in each epoch.
 * Labels must be the model's. Images that cannot be read are left out and listed in `problems`.
 *
 * @throws OptionsError for a label that the model does not have.
 */
declare function imageData(input: DatasetInput, { labels, preprocessing }: {
    labels: readonly string[];
    preprocessing: Preprocessing;
}, options?: ImageDataOptions): Promise<ImageTrainingData>;

/** Indices of examples. */
interface Split {
    training: number[];
    validation: number[];
}
/**
 * Holds out a fraction of each class for validation, as `fineTune` does with `validationSplit` and
 * `seed`. At least one example of a class stays for training, and of three or more, at least one is
 * held out. Both lists are in the order of the examples.
 */
declare function stratifiedSplit(classes: readonly number[], fraction: number, seed: number): Split;

/**
 * Returns a store that keeps a checkpoint in the browser, under a name. One transaction replaces
 * the previous checkpoint, which stays intact if the tab is closed meanwhile or the disk is full.
 */
declare function checkpointDatabase(name: string): CheckpointStore;

/** Returns a store that keeps a checkpoint in a file, in Node. */
declare function checkpointFile(path: string): CheckpointStore;

/**
 * The kernels in use: WebAssembly with or without relaxed SIMD, or TensorFlow.js' operations
 * ('plain').
 */
type KernelVariant = 'relaxed simd' | 'simd' | 'plain';
/**
 * Loads the optimized kernels of an open backend. On WASM it instantiates WebAssembly kernels in
 * the memory of TensorFlow.js' backend and registers the missing `Conv2DBackpropFilter`; on WebGL
 * it registers one program for the update rule. Without it, training runs on TensorFlow.js'
 * operations. May be called repeatedly.
 *
 * @param tfBackend the backend's name in TensorFlow.js
 */
declare function prepareTraining(tfBackend: string): Promise<KernelVariant>;

/**
 * Returns the pixels of an image. The EXIF orientation of encoded images is applied.
 *
 * @throws ImageError if it is not an image, is empty, cannot be decoded, or cannot be read (a
 * tainted canvas).
 */
declare function toPixels(image: ImageInput, signal?: AbortSignal): Promise<Pixels>;

export { ColorStatistics, TrainingData, centerView, centralSquare, checkpointDatabase, checkpointFile, colorShift, cutView, drawView, imageData, prepareTraining, stratifiedSplit, toPixels, train };
export type { CheckpointStore, PrincipalColors, TrainOptions, View };
