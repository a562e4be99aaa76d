/**
 * `convert`: converts a file of weights to the tensors and facts of a set. The format is detected
 * from the first bytes, not the file name.
 */
import { OptionsError, WeightsError } from '../../errors';
import { classCount, type Label } from '../format/manifest';
import { caffe, lastCaffeLayer, readCaffe } from './caffe';
import type { FileParts, FileTensor } from './fileReader';
import { encodeSourceModel, type EncodeOptions } from './encodeModel';
import { classifierStart, type SourceModel } from './sourceModel';
import { imagenetLabels } from './imagenet';
import { checkLabelCount } from './labels';
import { onnx, readOnnx } from './onnx';
import { readPyTorch } from './pytorch';
import { RECIPE, convertExported, readFacts } from './alexnetMetadata';
import { recipe, type Converted } from './recipe';
import { readSafetensors } from './safetensors';
import { checkConvertOptions } from './settings';
import { torchvision } from './torchvision';

/** Options of `convert`: what the file itself does not state. */
export interface ConvertOptions extends EncodeOptions {
  /**
   * The classes, in order: see `readLabels`.
   * @default the labels in the file; without any, those of ImageNet for 1000 classes in
   * torchvision's or Caffe's layout, else `class 0`, `class 1`, …
   */
  labels?: readonly Label[] | undefined;
  /**
   * Subtracted from red, green and blue, in levels of 0..255.
   * @default Caffe's or torchvision's mean of ImageNet
   */
  mean?: readonly [number, number, number] | undefined;
  /**
   * The network of a .caffemodel that does not state it: `caffenet` pools before it normalizes.
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

/** Bytes that are enough to detect the format. */
const MAGIC_BYTES = 264;

/** Other formats, recognized by the bytes at a position, and what to do with such files. */
const OTHER_FORMATS: readonly { at?: number; magic: string; advice: string }[] = [
  { magic: '\x1f\x8b', advice: 'is compressed by gzip. Decompress it first.' },
  {
    magic: 'ustar',
    at: 257,
    advice:
      'is a tar archive, as torch.save of PyTorch before 0.2 wrote. Save it again: torch.save(torch.load(path), path).',
  },
  {
    magic: '\x89HDF',
    advice: 'is an HDF5 file, as Keras writes. Export the model to ONNX with tf2onnx first.',
  },
  {
    magic: '\x93NUMPY',
    advice: 'is a NumPy file. Save a PyTorch state dict or a .safetensors of its arrays.',
  },
  { magic: 'TFL3', at: 4, advice: 'is a TFLite file. Convert the model that it was made from.' },
  { magic: '<', advice: 'is a page, not a file of weights. Was its address redirected?' },
  { magic: 'version https://git-lfs', advice: 'is a pointer of Git LFS. Run git lfs pull.' },
  ...['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'].map((magic) => ({
    magic,
    advice:
      'is a Python pickle, but not of torch.save. Save the state dict: torch.save(model.state_dict(), path).',
  })),
];

/**
 * Converts torchvision's `alexnet` (.pth, .safetensors), Caffe's `bvlc_alexnet` and
 * `bvlc_reference_caffenet` (.caffemodel), an AlexNet in ONNX, or a file of this project's recipe
 * or `exportModel`. The numbers of filters, units and classes are read from the file. Tensors are
 * read on demand, and nothing in the file is executed.
 *
 * @throws WeightsError listing every problem if the file has another format or other layers, or is
 * truncated.
 */
export async function convert(file: FileParts, options: ConvertOptions = {}): Promise<Converted> {
  checkConvertOptions(options);
  const magic = await file.read(0, Math.min(MAGIC_BYTES, file.size));
  const starts = (...bytes: number[]) => bytes.every((byte, i) => magic[i] === byte);
  if (starts(0x50, 0x4b) || starts(0x80, 0x02, 0x8a, 0x0a))
    return fromTorchvision(file, await readPyTorch(file, options.onNote), 'torch.save', options);
  if (
    magic[8] === 0x7b /* { */ &&
    magic.subarray(4, 8).every((byte) => byte === 0) /* a header length below 4 GB */
  ) {
    const read = await readSafetensors(file);
    if (read.metadata[RECIPE] !== undefined) {
      refuseUnused(file, 'stores its own preprocessing', options, 'mean', 'variant', 'channels');
      return renamed(recipe(file.name, read, options), file.name, options);
    }
    return fromTorchvision(file, read.tensors, 'safetensors', options);
  }
  if (starts(0x08)) return fromOnnx(file, options); // ir_version of a ModelProto
  if (starts(0x0a) || starts(0x12) || starts(0x1a) || starts(0xa2, 0x06))
    return fromCaffe(file, options); // name, layers, input, layer
  const other = OTHER_FORMATS.find(({ magic: text, at = 0 }) =>
    Array.from(text).every((character, i) => magic[at + i] === character.charCodeAt(0)),
  );
  if (other) throw new WeightsError(file.name, [other.advice]);
  throw new WeightsError(file.name, [
    "is none of the files that can be converted: torchvision's .pth or .safetensors, Caffe's .caffemodel, .onnx, or the .safetensors of this project's recipe.",
  ]);
}

async function fromTorchvision(
  file: FileParts,
  tensors: ReadonlyMap<string, FileTensor>,
  format: string,
  options: ConvertOptions,
): Promise<Converted> {
  const source = torchvision(file.name, tensors, options.onNote);
  if (!source) {
    const names = [...tensors.keys()].slice(0, 20).join(', ') || 'none';
    throw new WeightsError(file.name, [
      `must be a file of this project's recipe or torchvision's alexnet (features.0.weight to classifier.6.bias), got ${names}.`,
    ]);
  }
  refuseUnused(file, "is torchvision's alexnet", options, 'variant', 'channels');
  return toConverted({
    ...{ file, tensors, source, options },
    format: `torchvision's alexnet, written by ${format}`,
    isImageNet: true,
  });
}

async function fromCaffe(file: FileParts, options: ConvertOptions): Promise<Converted> {
  const read = await readCaffe(file);
  const last = lastCaffeLayer(file.name, read);
  if (last === undefined) {
    const names = [...read.tensors.keys()].slice(0, 20).join(', ');
    throw new WeightsError(file.name, [
      `must be Caffe's AlexNet with layers conv1 to fc8, got ${names}.`,
    ]);
  }
  refuseUnused(file, 'is a Caffe model, whose input is blue, green, red', options, 'channels');
  let variant = options.variant ?? read.variant;
  if (!variant) {
    variant = /caffenet/i.test(file.name) ? 'caffenet' : 'caffe';
    options.onNote?.(
      `The file does not say whether it pools or normalizes first. Assuming ${variant === 'caffenet' ? 'CaffeNet' : 'bvlc_alexnet'}, from its name; set variant to change it.`,
    );
  }
  if (last !== 'fc8') options.onNote?.(`Read the layer ${last} as fc8, the last one.`);
  if (!options.mean) options.onNote?.("Assuming Caffe's mean of ImageNet; set mean to change it.");
  return toConverted({
    file,
    tensors: read.tensors,
    source: caffe(file.name, read, variant, last, options.mean),
    format: "Caffe's model",
    isImageNet: true,
    options,
  });
}

async function fromOnnx(file: FileParts, options: ConvertOptions): Promise<Converted> {
  refuseUnused(file, 'is an ONNX file, which states the order of its layers', options, 'variant');
  const graph = await readOnnx(file);
  const about = graph.metadata.get(RECIPE);
  if (about !== undefined) {
    refuseUnused(file, 'stores its own preprocessing', options, 'mean', 'channels');
    const { facts, net } = readFacts(file.name, about);
    return renamed(
      convertExported(
        { where: file.name, facts, net, layout: 'pytorch', tensors: graph.tensors },
        options,
      ),
      file.name,
      options,
    );
  }
  const source = await onnx(file.name, graph, options.channels);
  if (source.normalized) {
    refuseUnused(file, 'subtracts a mean of its own', options, 'mean');
    options.onNote?.(source.normalized);
  } else {
    const kind = source.bgr
      ? 'blue, green, red without a standard deviation, as in Caffe'
      : 'red, green, blue with mean and standard deviation, as in torchvision';
    options.onNote?.(
      `An ONNX file does not say how its images are preprocessed. Assuming ${kind}; set channels and mean to change it.`,
    );
  }
  return toConverted({ file, tensors: graph.tensors, source, format: 'ONNX', options });
}

/** Throws if an option is set that has no effect for this file. */
function refuseUnused(
  file: FileParts,
  what: string,
  options: ConvertOptions,
  ...names: ('mean' | 'variant' | 'channels')[]
): void {
  const unused = names.find((name) => options[name] !== undefined);
  if (unused) throw new OptionsError(`convert: ${file.name} ${what}. Leave out ${unused}.`);
}

interface SetParts {
  file: FileParts;
  tensors: ReadonlyMap<string, FileTensor>;
  source: SourceModel;
  /** What wrote the file, for the set's provenance. */
  format: string;
  /** Whether a network with 1000 classes in this layout knows ImageNet's, in its order. */
  isImageNet?: boolean;
  options: ConvertOptions;
}

/** Returns the labels for a file that contains none. */
async function defaultLabels(
  classes: number,
  isImageNet: boolean,
  { onNote }: ConvertOptions,
): Promise<Label[]> {
  if (isImageNet && classes === 1000) {
    onNote?.(
      "The file has no labels. Its 1000 classes are named after ImageNet's, in their usual order; set labels to change it.",
    );
    return imagenetLabels();
  }
  onNote?.(
    `The file has no labels. The classes are named "class 0" to "class ${classes - 1}"; set labels to name them.`,
  );
  return Array.from({ length: classes }, (_, i) => ({ label: `class ${i}`, id: `class ${i}` }));
}

async function toConverted({
  file,
  tensors,
  source,
  format,
  isImageNet = false,
  options,
}: SetParts): Promise<Converted> {
  const classes = classCount(source.net);
  const { preprocessing } = source;
  const labels = options.labels ?? (await defaultLabels(classes, isImageNet, options));
  checkLabelCount(labels, classes, file.name);
  return {
    facts: {
      name: options.name ?? file.name.replace(/\.[^.]+$/, ''),
      variant: source.variant,
      network: source.net.toJSON(),
      labels,
      preprocessing: options.mean ? { ...preprocessing, mean: options.mean } : preprocessing,
      provenance: `Converted by alexnet-ts from ${file.name} (${format}).`,
    },
    tensors: encodeSourceModel(source, file.name, tensors, options),
    classifierStartsAt: classifierStart(source.net),
  };
}

/** Replaces the name and the labels of the file with those of the options. */
function renamed(converted: Converted, where: string, { labels, name }: ConvertOptions): Converted {
  if (labels) checkLabelCount(labels, converted.facts.labels.length, where);
  return {
    ...converted,
    facts: {
      ...converted.facts,
      ...(labels ? { labels } : {}),
      ...(name === undefined ? {} : { name }),
    },
  };
}
