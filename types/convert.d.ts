import { ConvertedTensor } from './shared.js';
import { Label, WeightsInput, LoadProgress } from './api.js';
export { ConvertOptions, Manifest, convert, encode, encodeInt8, indexModule, streamSet, tableRow, writeSet } from './shared.js';

/**
 * Parses the labels of a set, in order. `file` is the text or the bytes (UTF-8 or UTF-16) of
 *
 * - a class per line: `n01440764 tench, Tinca tinca` (as in Caffe's synset_words.txt, where the
 *   first name is used), `tench`, or with an index before or after the name, by which they are
 *   sorted;
 * - a CSV or TSV with a header, or with a column of indices or of WordNet IDs;
 * - JSON: a list of names or of `{ label, id }`, `{ "0": "tench" }`, `{ "tench": 0 }`,
 *   `{ "0": ["n01440764", "tench"] }` (as in Keras' imagenet_class_index.json), or an object with
 *   such a list, as the model.json of a set or the config.json of Hugging Face.
 *
 * If several classes have the same name, their ID or index is appended. ImageNet's 1000 classes
 * must be sorted by ID.
 *
 * @param onNote is called with each assumption that was made, as a sentence
 * @throws OptionsError naming the first invalid line or entry.
 */
declare function readLabels(file: string | Uint8Array, where: string, onNote?: (note: string) => void): Label[];

/**
 * The layout of an exported file, which is known before any weights are read. Writes its tensors in
 * order.
 */

/**
 * Receives the bytes of each file in order: `model.safetensors`, `model.onnx`, or for a folder the
 * shards, then `model.json`.
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
    /** Stops with the signal's reason. The bytes that the sink has received are then unusable. */
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

export { exportModel, readLabels };
export type { ExportOptions };
