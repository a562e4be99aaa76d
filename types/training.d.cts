import { Tensor, Tensor3D } from '@tensorflow/tfjs-core';

/** The loss: softmax cross-entropy of class scores. */

/**
 * The mean over the batch of −log(softmax(scores)[class]): `scores` `[n, classes]`, `classes` n indices. A scalar tensor,
 * differentiable by the scores. The paper maximises the same, "the average across training cases of the log-probability".
 *
 * @throws OptionsError for an index that is no class.
 */
declare function crossEntropy(scores: Tensor, classes: readonly number[]): Tensor;

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

export { crossEntropy, datasetFromFiles, datasetFromFolder, momentumStep, toDataset };
export type { Dataset, DatasetInput, DatasetOptions, DatasetProblem, Example, FilesInput, FilesOptions, LabelledImage, MomentumOptions, Pictures };
