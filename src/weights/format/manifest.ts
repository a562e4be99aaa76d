/** The manifest of a set of weights, model.json: its types and its strict validation. */
import { OptionsError, WeightsError, describe, describeJson, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { parsePreprocessing, type Preprocessing } from './preprocessing';
import { MAX_PROBLEMS, checkShards } from './checkShards';
import { storedParams, tuningProblems, type BaseReference, type TuningRecord } from './tuning';
import { isRecord } from '../../platform/typeGuards';

export { MAX_SHARD_BYTES } from './checkShards';

/** One class of a network. */
export interface Label {
  /** The name that `classify` returns: `goldfish`. */
  label: string;
  /** The WordNet id, `n01443537`; the label itself for classes that you defined. */
  id: string;
}

/**
 * How the values of one tensor are quantized. The decoded value is
 * `(stored · scale + min) · channelScale[index of the last axis]`.
 */
export interface Quantization {
  dtype: 'uint8' | 'uint16' | 'float16';
  /** @default 1 */
  scale?: number;
  /** @default 0 */
  min?: number;
  /**
   * The name of a float32 tensor of the set with one factor for each index of the last axis.
   * TensorFlow.js' own reader ignores it.
   */
  channelScale?: string;
}

/** One tensor: TensorFlow.js' `WeightsManifestEntry` plus `channelScale`. */
export interface WeightEntry {
  name: string;
  shape: Shape;
  dtype: 'float32';
  quantization?: Quantization;
}

/** One stored file. */
export interface Shard {
  /** Relative to model.json. */
  path: string;
  /** Size as stored. */
  bytes: number;
  /** SHA-256 of the stored bytes, in hexadecimal. */
  sha256: string;
  /** For a `.gz`: the inflated file, since some servers and browsers inflate it in transit. */
  inflated?: { bytes: number; sha256: string };
}

/** Measured accuracy, as fractions, with the images and the command that it was measured with. */
export interface MeasuredAccuracy {
  top1: number;
  top5: number;
  /** The number of images. */
  pictures: number;
  /** The name of the images: `Tiny ImageNet validation`. */
  on: string;
  command: string;
}

/**
 * The contents of model.json. `weightsManifest` is TensorFlow.js' format: the tensors are stored
 * one after the other in the concatenated files of `paths`.
 */
export interface Manifest {
  format: 'alexnet-ts';
  formatVersion: 1;
  /** The name of the set: `tiny-imagenet-200`. */
  name: string;
  /** `paper`, `caffe`, `caffenet`, `torchvision`, or the name of a custom network. */
  variant: string;
  /** The layers with their options, as `layer.toJSON()` returns them. */
  network: LayerJSON;
  labels: readonly Label[];
  preprocessing: Preprocessing;
  shards: readonly Shard[];
  weightsManifest: readonly { paths: readonly string[]; weights: readonly WeightEntry[] }[];
  licence?: string;
  /** Where the weights come from, as text. */
  provenance?: string;
  /** Accuracy on the center crop and, where measured, on the paper's ten crops. */
  accuracy?: MeasuredAccuracy & { tenCrops?: MeasuredAccuracy; photographs?: MeasuredAccuracy };
  /** The set that provides the layers that are not stored in this one. */
  base?: BaseReference;
  /** How a tuned model was trained. */
  tuning?: TuningRecord;
}

/** A validated manifest with its network. */
export interface CheckedManifest extends Manifest {
  net: Sequential;
}

const BYTES = { uint8: 1, uint16: 2, float16: 2, float32: 4 } as const;

/** Maximum number of weights of a network: 2 GiB as float32, nine times AlexNet. */
const MAX_NUMBERS = 2 ** 29;

/** Returns the size of one tensor as stored, before gzip, in bytes. */
export const storedBytes = ({ shape, quantization }: WeightEntry): number =>
  sizeOf(shape) * BYTES[quantization?.dtype ?? 'float32'];

/** Returns the size of a shard after inflating, in bytes. */
export const inflatedBytes = (shard: Shard): number => shard.inflated?.bytes ?? shard.bytes;

/**
 * Validates a parsed model.json: the format, the layers, the shards' sizes, one label per class,
 * and that the set stores exactly the network's parameters (except those of its base's layers) in
 * their shapes.
 *
 * @throws WeightsError listing every problem.
 */
export function checkManifest(json: unknown, where: string): CheckedManifest {
  if (!isRecord(json))
    throw new WeightsError(where, [`a manifest must be a JSON object, got ${describe(json)}.`]);
  if (json.format !== 'alexnet-ts') {
    const advice =
      'modelTopology' in json || 'weightsManifest' in json
        ? 'It looks like a model.json of TensorFlow.js; convert it first.'
        : 'Point to the model.json of a set.';
    throw new WeightsError(where, [
      `not a manifest of alexnet-ts: its "format" is ${describe(json.format)}. ${advice}`,
    ]);
  }
  if (json.formatVersion !== 1) {
    throw new WeightsError(where, [
      `formatVersion must be 1, got ${describe(json.formatVersion)}. Update alexnet-ts.`,
    ]);
  }

  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(...(error instanceof WeightsError ? error.problems : [reasonOf(error)]));
      return undefined;
    }
  };

  const net = attempt(() => sequentialFromJSON(json.network));
  const wanted = net && attempt(() => sizedParams(net));
  const classes = net && wanted && attempt(() => classCount(net));
  const preprocessing = attempt(() => parsePreprocessing(json.preprocessing, where));
  if (preprocessing && net && wanted) problems.push(...checkInput(net, preprocessing));
  problems.push(...checkLabels(json.labels, classes));
  const { entries, unreadable } = readEntries(json.weightsManifest, problems);
  problems.push(...tuningProblems(json, wanted && net));
  if (wanted && entries)
    problems.push(...compareNames(storedParams(wanted, json.base), entries, unreadable, wanted));
  const needed =
    unreadable.length > 0
      ? undefined
      : entries?.reduce((sum, entry) => sum + storedBytes(entry), 0);
  problems.push(...checkShards(json, needed));
  for (const field of ['name', 'variant']) {
    if (typeof json[field] !== 'string')
      problems.push(`${field} must be a string, got ${describe(json[field])}.`);
  }
  if (problems.length > 0 || !net || !preprocessing) throw new WeightsError(where, problems);
  return { ...(json as unknown as Manifest), preprocessing, net };
}

/** Returns the parameters of a network. Throws if they would not fit into memory. */
function sizedParams(net: Sequential): ReturnType<Sequential['params']> {
  const params = net.params();
  const numbers = Object.values(params).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (!(numbers <= MAX_NUMBERS))
    throw new OptionsError(`network: must have at most ${MAX_NUMBERS} weights, got ${numbers}.`);
  return params;
}

/** Returns the number of classes of a network: the length of its output vector. */
export function classCount(net: Sequential): number {
  const output = net.outputShape();
  if (output.length !== 1) {
    throw new OptionsError(
      `network: must end in a vector with one score per class, got ${formatShape(output)}. End it with flatten() and dense().`,
    );
  }
  return output[0]!;
}

function checkInput(net: Sequential, { inputSize }: Preprocessing): string[] {
  const input = net.inputShape ?? [];
  const fits =
    input.length === 3 && input[0] === inputSize && input[1] === inputSize && input[2] === 3;
  return fits
    ? []
    : [
        `preprocessing must fit the network's input ${formatShape(input)}, got ${formatShape([inputSize, inputSize, 3])}.`,
      ];
}

function checkLabels(labels: unknown, classes: number | undefined): string[] {
  if (!Array.isArray(labels))
    return [`labels must be a list of { "label", "id" }, got ${describe(labels)}.`];
  const problems: string[] = [];
  const ids = new Map<string, number>();
  for (const [i, entry] of labels.entries()) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (!isRecord(entry) || typeof entry.label !== 'string' || typeof entry.id !== 'string') {
      problems.push(
        `labels[${i}] must be { "label": string, "id": string }, got ${describeJson(entry)}.`,
      );
    } else if (ids.has(entry.id))
      problems.push(
        `labels[${i}].id must be unique, got "${entry.id}" as in labels[${ids.get(entry.id)}].`,
      );
    else ids.set(entry.id, i);
  }
  if (classes !== undefined && labels.length !== classes)
    problems.push(
      `labels must have one entry for each of the ${classes} classes, got ${labels.length}.`,
    );
  return problems;
}

/**
 * Returns the valid entries and the invalid ones. Invalid ones are reported here and nowhere else.
 */
function readEntries(
  groups: unknown,
  problems: string[],
): { entries?: WeightEntry[]; unreadable: Partial<WeightEntry>[] } {
  const isGroup = (group: unknown) =>
    isRecord(group) &&
    Array.isArray(group.weights) &&
    Array.isArray(group.paths) &&
    group.paths.every((path) => typeof path === 'string');
  if (!Array.isArray(groups) || !groups.every(isGroup)) {
    problems.push(
      `weightsManifest must be a list of { "paths": [ … ], "weights": [ … ] }, got ${describe(groups)}.`,
    );
    return { unreadable: [] };
  }
  const entries: WeightEntry[] = [];
  const unreadable: Partial<WeightEntry>[] = [];
  for (const entry of groups.flatMap((group) => group.weights as unknown[])) {
    const problem = entryProblem(entry);
    if (problem) {
      if (unreadable.length < MAX_PROBLEMS) problems.push(problem);
      unreadable.push(isRecord(entry) ? entry : {});
    } else entries.push(entry as WeightEntry);
  }
  return { entries, unreadable };
}

function entryProblem(entry: unknown): string | undefined {
  if (!isRecord(entry) || typeof entry.name !== 'string')
    return `a tensor must have a name, got ${describeJson(entry)}.`;
  const { name, shape, dtype, quantization } = entry;
  if (
    !Array.isArray(shape) ||
    shape.length > 8 ||
    !shape.every((side) => Number.isInteger(side) && side > 0) ||
    sizeOf(shape as number[]) > 2 ** 31
  ) {
    return `${name}: shape must be a list of positive integers, got ${describeJson(shape)}.`;
  }
  if (dtype !== 'float32') return `${name}: dtype must be float32, got ${describe(dtype)}.`;
  if (quantization === undefined) return undefined;
  const {
    dtype: stored,
    scale = 1,
    min = 0,
    channelScale = '',
  } = isRecord(quantization) ? quantization : {};
  if (!['uint8', 'uint16', 'float16'].includes(stored as string))
    return `${name}: quantization.dtype must be uint8, uint16 or float16, got ${describe(stored)}.`;
  if (typeof channelScale !== 'string')
    return `${name}: quantization.channelScale must be the name of a tensor, got ${describe(channelScale)}.`;
  return Number.isFinite(scale) && Number.isFinite(min)
    ? undefined
    : `${name}: quantization must have a finite scale and min.`;
}

/** Checks that `entries` are exactly the `wanted` parameters and their channel scales. */
function compareNames(
  wanted: Record<string, { shape: Shape }>,
  entries: readonly WeightEntry[],
  unreadable: readonly Partial<WeightEntry>[],
  all: Record<string, unknown>,
): string[] {
  const problems: string[] = [];
  const byName = new Map<string, WeightEntry>();
  const scales = new Set(
    [...entries, ...unreadable].map((entry) => entry.quantization?.channelScale),
  );
  const known = new Set(unreadable.map((entry) => entry.name));
  for (const entry of entries) {
    if (byName.has(entry.name))
      problems.push(`${entry.name}: must be listed once in weightsManifest, got it twice.`);
    byName.set(entry.name, entry);
    if (problems.length >= MAX_PROBLEMS) return problems;
  }
  for (const [name, { shape }] of Object.entries(wanted)) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    const entry = byName.get(name);
    if (!entry) {
      if (!known.has(name))
        problems.push(`${name}: must be stored with the shape ${formatShape(shape)}, got none.`);
    } else if (formatShape(entry.shape) !== formatShape(shape)) {
      problems.push(
        `${name}: shape must be ${formatShape(shape)}, got ${formatShape(entry.shape)}.`,
      );
    }
  }
  for (const { name, shape, quantization } of entries) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    if (!Object.hasOwn(wanted, name) && !scales.has(name)) {
      problems.push(
        `${name}: ${Object.hasOwn(all, name) ? 'must not be stored, since base.layers has its layer' : 'the network has no such parameter'}.`,
      );
    }
    if (quantization?.channelScale === undefined) continue;
    if (known.has(quantization.channelScale)) continue;
    const factors = byName.get(quantization.channelScale);
    if (!factors || factors.quantization || formatShape(factors.shape) !== String(shape.at(-1))) {
      problems.push(
        `${name}: channelScale must name a float32 tensor of ${shape.at(-1)} values, got "${quantization.channelScale}".`,
      );
    } else if (Object.hasOwn(wanted, factors.name)) {
      problems.push(
        `${name}: channelScale must not name a parameter of the network, got "${factors.name}".`,
      );
    }
  }
  return problems;
}
