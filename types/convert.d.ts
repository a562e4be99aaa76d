import { StoredType, ManifestFacts, Encoded } from './shared.js';
import { Label, WeightsInput, LoadProgress } from './api.js';
export { Manifest, encode, encodeInt8, indexModule, streamSet, writeSet } from './shared.js';

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
/** How the converted weights are stored. */
interface EncodeOptions {
    /** How kernels are stored. @default 'float32' */
    quantize?: StoredType | undefined;
    /** Told of each tensor as it is done. */
    onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}
/** One line of the table that a conversion prints. */
declare const tableRow: ({ from, to, shape, turned, as }: ConvertedTensor) => string;

/** What a file was converted to: what its manifest says, and its tensors as they are asked for. */
interface Converted {
    facts: ManifestFacts;
    /** In the order of the layers, the convolutions first; each is read when it is asked for. */
    tensors: AsyncIterable<Encoded>;
    /** The first tensor of the fully connected layers, 96 % of the bytes: what comes before it gives features already. */
    classifierStartsAt: string | undefined;
}

/** What a file does not say of itself. */
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
 * or what this project's recipe or `exportModel` wrote. Numbers of filters, units and classes are as the file has them. Only what describes the
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

/** What a file holds for each learnt tensor, known before a number of it is read; and writing them one after the other. */

/** Takes the bytes of a file in order: `model.safetensors`, `model.onnx`, or the shards of a folder one after the other and `model.json` at last. */
type ExportSink = (path: string, bytes: Uint8Array) => Promise<void> | void;

/** What can be written: a `.safetensors` file, an `.onnx` file, or the folder of a TensorFlow.js GraphModel. */
type ExportFormat = 'safetensors' | 'onnx' | 'tfjs';
/** What an export is doing, in bytes: those of `load()` first, then 'write'. */
interface ExportProgress {
    phase: LoadProgress['phase'] | 'write';
    loaded: number;
    total: number;
}
/** What is written, and how. */
interface ExportOptions {
    /** What to write. */
    format: ExportFormat;
    /** How kernels are stored; ONNX and PyTorch's layouts know no `uint8`. @default 'float32' */
    quantize?: 'float32' | 'float16' | 'uint8' | undefined;
    /**
     * What the graph of ONNX and TensorFlow.js takes: `pixels`, red, green, blue from 0 to 255 as they are, of which it subtracts the mean itself; or
     * `prepared`, less the mean and divided by the deviation already. @default 'pixels'
     */
    input?: 'pixels' | 'prepared' | undefined;
    /**
     * Of .safetensors: names and axes as `alexnet-ts` has them (`conv1.kernel`, HWIO), as `pytorch` has them under our names of layers
     * (`conv1.weight`, OIHW), or as `torchvision.models.alexnet()` has them (`features.0.weight`), if the network is that. @default 'alexnet-ts'
     */
    layout?: 'alexnet-ts' | 'pytorch' | 'torchvision' | undefined;
    /** For a tuned model that was saved without its base's layers: the set that it was tuned from. @default the shipped set */
    base?: WeightsInput | undefined;
    /** Told of each tensor as it is done: see `tableRow`. */
    onTensor?: ((tensor: ConvertedTensor) => void) | undefined;
    /** Told how far it is, in bytes. */
    onProgress?: ((progress: ExportProgress) => void) | undefined;
    /** Stops with the signal's reason; what the sink was given is of no use then. */
    signal?: AbortSignal | undefined;
}
/**
 * Writes a set of weights, the whole network, as a file of another framework. `sink` is given the bytes in parts of some megabytes, in order. Labels,
 * preprocessing and the network itself go with it, so that `convert()` makes the same set of a .safetensors or .onnx file again.
 * Both `logits` and `probabilities` come out of the graphs; docs/guide/export.md tells how pictures are made ready for them.
 *
 * @throws OptionsError for what the format cannot hold, before anything is written.
 * @throws WeightsError when the set cannot be read, listing everything that is wrong with it, before anything is written.
 */
declare function exportModel(weights: WeightsInput, sink: ExportSink, options: ExportOptions): Promise<void>;

export { convert, exportModel, readLabels, tableRow };
export type { ConvertOptions, ExportOptions };
