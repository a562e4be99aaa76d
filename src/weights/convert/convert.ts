/** convert: a file of weights, whichever it is, to the tensors and facts of a set. What it is, its first bytes say, not its name. */
import { OptionsError, WeightsError } from '../../errors';
import { classCount, type Label } from '../format/manifest';
import { caffe, isCaffe, readCaffe } from './caffe';
import type { FileParts, FileTensor } from './fileReader';
import { classifierStart, encodeForeign, type EncodeOptions, type Foreign } from './sourceModel';
import { checkLabelCount } from './labels';
import { onnx, readOnnx } from './onnx';
import { readPyTorch } from './pytorch';
import { RECIPE, exported, readFacts } from './alexnetMetadata';
import { recipe, type Converted } from './recipe';
import { readSafetensors } from './safetensors';
import { isTorchvision, torchvision } from './torchvision';

/** What a file does not say of itself. */
export interface ConvertOptions extends EncodeOptions {
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

/** How many bytes tell what a file is. */
const MAGIC_BYTES = 16;

/**
 * Reads torchvision's `alexnet` (.pth, .safetensors), Caffe's `bvlc_alexnet` and `bvlc_reference_caffenet` (.caffemodel), an AlexNet in ONNX,
 * or what this project's recipe or `exportModel` wrote. Numbers of filters, units and classes are as the file has them. Only what describes the
 * tensors is read, and nothing in the file is executed; each tensor is read when it is asked for.
 *
 * @throws WeightsError for a file that is none of these, is cut short, or has other layers: every problem is listed.
 */
export async function convert(file: FileParts, options: ConvertOptions = {}): Promise<Converted> {
  const magic = await file.read(0, Math.min(MAGIC_BYTES, file.size));
  const starts = (...bytes: number[]) => bytes.every((byte, i) => magic[i] === byte);
  if (starts(0x50, 0x4b))
    return fromTorchvision(file, await readPyTorch(file), 'torch.save', options);
  if (starts(0x80, 0x02, 0x8a, 0x0a)) {
    throw new WeightsError(file.name, [
      'was written by PyTorch before 1.6. Save it anew: torch.save(torch.load(path, weights_only=True), path).',
    ]);
  }
  if (
    magic[8] === 0x7b /* { */ &&
    magic.subarray(4, 8).every((byte) => byte === 0) /* its length is below 4 GB */
  ) {
    const read = await readSafetensors(file);
    if (read.metadata[RECIPE] !== undefined) {
      refuseUnused(
        file,
        'says itself how its pictures are prepared',
        options,
        'mean',
        'variant',
        'channels',
      );
      return renamed(recipe(file.name, read, options), file.name, options);
    }
    return fromTorchvision(file, read.tensors, 'safetensors', options);
  }
  if (starts(0x08)) return fromOnnx(file, options); // ir_version of a ModelProto
  if (starts(0x0a) || starts(0x12) || starts(0x1a) || starts(0xa2, 0x06))
    return fromCaffe(file, options); // name, layers, input, layer
  throw new WeightsError(file.name, [
    "is none of the files that can be converted: torchvision's .pth or .safetensors, Caffe's .caffemodel, .onnx, or the .safetensors of this project's recipe.",
  ]);
}

function fromTorchvision(
  file: FileParts,
  tensors: ReadonlyMap<string, FileTensor>,
  format: string,
  options: ConvertOptions,
): Converted {
  if (!isTorchvision(tensors)) {
    const names = [...tensors.keys()].slice(0, 20).join(', ') || 'none';
    throw new WeightsError(file.name, [
      `is neither of this project's recipe nor torchvision's alexnet, which has features.0.weight to classifier.6.bias; the file has ${names}.`,
    ]);
  }
  refuseUnused(file, "is torchvision's alexnet", options, 'variant', 'channels');
  return set(
    file,
    tensors,
    torchvision(file.name, tensors),
    `torchvision's alexnet as ${format} wrote it`,
    options,
  );
}

async function fromCaffe(file: FileParts, options: ConvertOptions): Promise<Converted> {
  const read = await readCaffe(file);
  if (!isCaffe(read)) {
    const names = [...read.tensors.keys()].slice(0, 20).join(', ');
    throw new WeightsError(file.name, [
      `is not Caffe's AlexNet, which has layers conv1 to fc8; the file has ${names}.`,
    ]);
  }
  refuseUnused(file, "is a model of Caffe's, which take blue, green, red", options, 'channels');
  let variant = options.variant ?? read.variant;
  if (!variant) {
    variant = /caffenet/i.test(file.name) ? 'caffenet' : 'caffe';
    options.onNote?.(
      `The file does not say in which order it pools and normalises. By its name it is taken for ${variant === 'caffenet' ? 'CaffeNet' : 'bvlc_alexnet'}; --variant says otherwise.`,
    );
  }
  if (!options.mean)
    options.onNote?.("The mean of the pictures is Caffe's of ImageNet; --mean gives another.");
  return set(
    file,
    read.tensors,
    caffe(file.name, read, variant, options.mean),
    "Caffe's model",
    options,
  );
}

async function fromOnnx(file: FileParts, options: ConvertOptions): Promise<Converted> {
  refuseUnused(
    file,
    'is an ONNX file, which says in what order it pools and normalises',
    options,
    'variant',
  );
  const graph = await readOnnx(file);
  const about = graph.metadata.get(RECIPE);
  if (about !== undefined) {
    refuseUnused(file, 'says itself how its pictures are prepared', options, 'mean', 'channels');
    const { facts, net } = readFacts(file.name, about);
    return renamed(
      exported(file.name, facts, net, 'pytorch', graph.tensors, options),
      file.name,
      options,
    );
  }
  const foreign = onnx(file.name, graph, options.channels);
  const kind = foreign.bgr
    ? 'blue, green, red, without a deviation, as Caffe does'
    : 'red, green, blue, with mean and deviation as torchvision does';
  options.onNote?.(
    `An ONNX file does not say how its pictures are prepared: taken for ${kind}. --channels and --mean say otherwise.`,
  );
  return set(file, graph.tensors, foreign, 'ONNX', options);
}

/** An option that does nothing for this file was meant for another. */
function refuseUnused(
  file: FileParts,
  what: string,
  options: ConvertOptions,
  ...names: ('mean' | 'variant' | 'channels')[]
): void {
  const meant = names.find((name) => options[name] !== undefined);
  if (meant) throw new OptionsError(`convert: ${file.name} ${what}. Leave out ${meant}.`);
}

function set(
  file: FileParts,
  tensors: ReadonlyMap<string, FileTensor>,
  foreign: Foreign,
  format: string,
  options: ConvertOptions,
): Converted {
  const classes = classCount(foreign.net);
  const { preprocessing } = foreign;
  const given = options.labels;
  if (!given)
    options.onNote?.(
      `The file names no classes: they are called "class 0" to "class ${classes - 1}". --labels names them.`,
    );
  const labels =
    given ?? Array.from({ length: classes }, (_, i) => ({ label: `class ${i}`, id: `class ${i}` }));
  checkLabelCount(labels, classes, file.name);
  return {
    facts: {
      name: options.name ?? file.name.replace(/\.[^.]+$/, ''),
      variant: foreign.variant,
      network: foreign.net.toJSON(),
      labels,
      preprocessing: options.mean ? { ...preprocessing, mean: options.mean } : preprocessing,
      provenance: `Converted by alexnet-ts from ${file.name} (${format}).`,
    },
    tensors: encodeForeign(foreign, file.name, tensors, options),
    classifierStartsAt: classifierStart(foreign.net),
  };
}

/** A file of the recipe, or one that was exported, says how it and its classes are called; what the user says goes before it. */
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
