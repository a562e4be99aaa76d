import { StoredType, ManifestFacts, Encoded } from './shared.cjs';
import { Label, WeightsInput, LoadProgress } from './api.cjs';
export { Manifest, encode, encodeInt8, indexModule, streamSet, writeSet } from './shared.cjs';

/** Files that are read in parts, and their tensors, so that a model need not fit into memory. */

/** A file that is read in parts. */
interface FileParts {
    /** The name used in error messages. */
    name: string;
    /** Size in bytes. */
    size: number;
    /** Returns the bytes from `start` (inclusive) to `end` (exclusive). */
    read(start: number, end: number): Promise<Uint8Array>;
}

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
/** How the converted weights are stored. */
interface EncodeOptions {
    /** How kernels are stored. @default 'float32' */
    quantize?: StoredType | undefined;
    /** Called after each tensor. */
    onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}
/** Returns a tensor's row of the table that a conversion prints. */
declare const tableRow: ({ from, to, shape, transposed, as }: ConvertedTensor) => string;

/** A converted file: the facts of its manifest, and its tensors. */
interface Converted {
    facts: ManifestFacts;
    /** In the order of the layers, convolutions first; each is read on demand. */
    tensors: AsyncIterable<Encoded>;
    /** The first tensor of the dense layers. The tensors before it are enough to extract features. */
    classifierStartsAt: string | undefined;
}

/** Options of `convert`: what the file itself does not say. */
interface ConvertOptions extends EncodeOptions {
    /**
     * The classes, in order: see `readLabels`.
     * @default the labels in the file; without any, `class 0`, `class 1`, …
     */
    labels?: readonly Label[] | undefined;
    /**
     * Subtracted from red, green and blue, in levels of 0..255.
     * @default Caffe's or torchvision's mean of ImageNet
     */
    mean?: readonly [number, number, number] | undefined;
    /**
     * The network of a .caffemodel that does not say: `caffenet` pools before it normalizes.
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
 * @throws WeightsError listing every problem of a file of another format, a truncated one, or one
 * with other layers.
 */
declare function convert(file: FileParts, options?: ConvertOptions): Promise<Converted>;

/**
 * Parses the labels of a set, in order. `text` has one class per line, `n01440764 tench, Tinca
 * tinca` (as in Caffe's synset_words.txt) or `tench`; or it is JSON: a list of names or of `{
 * label, id }`, `{ "0": ["n01440764", "tench"] }` (as in Keras' imagenet_class_index.json), or the
 * model.json of a set. If a class has several names, the first is used. ImageNet's 1000 classes
 * must be sorted by id.
 *
 * @throws OptionsError naming the first wrong line or entry.
 */
declare function readLabels(text: string, where: string): Label[];

/**
 * The layout of an exported file, which is known before any weights are read, and the writing of
 * its tensors in order.
 */

/**
 * Receives the bytes of each file in order: `model.safetensors`, `model.onnx`, or the shards of a
 * folder one after the other, then `model.json`.
 */
type ExportSink = (path: string, bytes: Uint8Array) => Promise<void> | void;

/** A `.safetensors` file, an `.onnx` file, or a folder with a TensorFlow.js GraphModel. */
type ExportFormat = 'safetensors' | 'onnx' | 'tfjs';
/** The progress of an export, in bytes: the phases of `load()`, then 'write'. */
interface ExportProgress {
    phase: LoadProgress['phase'] | 'write';
    loaded: number;
    total: number;
}
/** Options of `exportModel`. */
interface ExportOptions {
    /** The format to write. */
    format: ExportFormat;
    /**
     * How kernels are stored; ONNX and PyTorch's layouts do not support `uint8`. @default 'float32'
     */
    quantize?: 'float32' | 'float16' | 'uint8' | undefined;
    /**
     * The input of the ONNX or TensorFlow.js graph: `pixels` (red, green, blue from 0 to 255, which
     * the graph normalizes) or `prepared` (the mean is already subtracted, and the result divided by
     * the standard deviation if there is one). @default 'pixels'
     */
    input?: 'pixels' | 'prepared' | undefined;
    /**
     * The names and axes in a .safetensors file: `alexnet-ts` (`conv1.kernel`, HWIO), `pytorch`
     * (`conv1.weight`, OIHW), or `torchvision` (`features.0.weight`, OIHW), which requires the layers
     * of `torchvision.models.alexnet()`. @default 'alexnet-ts'
     */
    layout?: 'alexnet-ts' | 'pytorch' | 'torchvision' | undefined;
    /**
     * The set that a tuned model was trained from, if it was saved without its base's layers.
     * @default the shipped set
     */
    base?: WeightsInput | undefined;
    /** Called after each tensor: see `tableRow`. */
    onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
    /** Called with the progress, in bytes. */
    onProgress?: ((progress: ExportProgress) => void) | undefined;
    /** Stops with the signal's reason; what the sink received is then unusable. */
    signal?: AbortSignal | undefined;
}
/**
 * Exports a set of weights as a file of another framework. `sink` receives the bytes in order, in
 * parts of a few megabytes. The file includes the labels, the preprocessing and the network, so
 * that `convert()` restores the same set from a .safetensors or .onnx file. Graphs have the outputs
 * `logits` and `probabilities`; docs/guide/export.md describes how to preprocess images for them.
 *
 * @throws OptionsError, before anything is written, if the format cannot store the network.
 * @throws WeightsError, before anything is written, if the set cannot be read; lists every problem.
 */
declare function exportModel(weights: WeightsInput, sink: ExportSink, options: ExportOptions): Promise<void>;

export { convert, exportModel, readLabels, tableRow };
export type { ConvertOptions, ExportOptions };
