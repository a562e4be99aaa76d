/** model.json: what a set of weights says of itself, and the strict check of it. */
import { OptionsError, WeightsError, describe, describeJson, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { parsePreprocessing, type Preprocessing } from './preprocessing';
import { MAX_PROBLEMS, checkShards } from './checkShards';
import { storedParams, tuningProblems, type BaseReference, type TuningRecord } from './tuning';
import { isRecord } from '../../platform/typeGuards';

export { MAX_SHARD_BYTES } from './checkShards';

/** One class: what `classify` calls it, and its WordNet id where it has one. */
export interface Label {
  /** `goldfish`. */
  label: string;
  /** `n01443537`; the label itself for classes of a user's own. */
  id: string;
}

/** How the numbers of one tensor are stored; the decoded value is `(code · scale + min) · channelScale[last axis]`. */
export interface Quantization {
  dtype: 'uint8' | 'uint16' | 'float16';
  /** @default 1 */
  scale?: number;
  /** @default 0 */
  min?: number;
  /** The name of a float32 tensor of the set, one factor for each index of the last axis. TensorFlow.js' own reader leaves it out. */
  channelScale?: string;
}

/** One tensor: TensorFlow.js' WeightsManifestEntry, with `channelScale` added. */
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
  /** As stored. */
  bytes: number;
  /** Of the stored bytes, in hexadecimal. */
  sha256: string;
  /** For a `.gz`: what it inflates to, for servers and browsers that inflate it on the way. */
  inflated?: { bytes: number; sha256: string };
}

/** Fractions, with the pictures and the command that measured them. */
export interface MeasuredAccuracy {
  top1: number;
  top5: number;
  pictures: number;
  /** What the pictures are: `Tiny ImageNet validation`. */
  on: string;
  command: string;
}

/** model.json. `weightsManifest` has TensorFlow.js' shape: the tensors follow each other through the paths, in order. */
export interface Manifest {
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
  weightsManifest: readonly { paths: readonly string[]; weights: readonly WeightEntry[] }[];
  licence?: string;
  /** Where the weights come from, in sentences. */
  provenance?: string;
  /** Of the centre crop, and of the paper's ten crops where they were measured too. */
  accuracy?: MeasuredAccuracy & { tenCrops?: MeasuredAccuracy; photographs?: MeasuredAccuracy };
  /** The set that some layers come from, which are not stored here. */
  base?: BaseReference;
  /** How a tuned model was trained. */
  tuning?: TuningRecord;
}

/** A manifest that was checked, with its network built. */
export interface CheckedManifest extends Manifest {
  net: Sequential;
}

const BYTES = { uint8: 1, uint16: 2, float16: 2, float32: 4 } as const;

/** Numbers of a network, at most: 2 GiB as float32, nine times those of AlexNet. */
const MAX_NUMBERS = 2 ** 29;

/** Bytes of one tensor as stored, before gzip. */
export const storedBytes = ({ shape, quantization }: WeightEntry): number =>
  sizeOf(shape) * BYTES[quantization?.dtype ?? 'float32'];

/** Bytes of a shard once inflated. */
export const inflatedBytes = (shard: Shard): number => shard.inflated?.bytes ?? shard.bytes;

/**
 * Checks what a model.json says against itself: the format, the layers, that every parameter of the network (but those of its
 * base's layers) is there in its shape and nothing else is, that labels are as many as classes, and that the shards hold as many bytes as the tensors need.
 *
 * @throws WeightsError listing every problem at once.
 */
export function checkManifest(json: unknown, where: string): CheckedManifest {
  if (!isRecord(json))
    throw new WeightsError(where, [`a manifest is a JSON object, got ${describe(json)}.`]);
  if (json.format !== 'alexnet-ts') {
    const other =
      'modelTopology' in json || 'weightsManifest' in json
        ? ' It looks like a model.json of TensorFlow.js itself'
        : '';
    throw new WeightsError(where, [
      `not a manifest of alexnet-ts: its "format" is ${describe(json.format)}.${other ? `${other}; convert it first.` : ' Point to the model.json of a set.'}`,
    ]);
  }
  if (json.formatVersion !== 1) {
    throw new WeightsError(where, [
      `formatVersion is 1 here, got ${describe(json.formatVersion)}. Update alexnet-ts.`,
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
      problems.push(`${field} is a text, got ${describe(json[field])}.`);
  }
  if (problems.length > 0 || !net || !preprocessing) throw new WeightsError(where, problems);
  return { ...(json as unknown as Manifest), preprocessing, net };
}

/** What a network learns, unless that is more than memory holds: a manifest of a few lines may say so. */
function sizedParams(net: Sequential): ReturnType<Sequential['params']> {
  const params = net.params();
  const numbers = Object.values(params).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (!(numbers <= MAX_NUMBERS))
    throw new OptionsError(
      `network: has ${numbers} weights, and at most ${MAX_NUMBERS} can be loaded.`,
    );
  return params;
}

/** How many classes a network tells apart: the length of the vector it ends in. */
export function classCount(net: Sequential): number {
  const output = net.outputShape();
  if (output.length !== 1) {
    throw new OptionsError(
      `network: ends in one score for each class, a vector, got ${formatShape(output)}. End it with flatten() and dense().`,
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
        `the network takes ${formatShape(input)}, but preprocessing makes ${formatShape([inputSize, inputSize, 3])}.`,
      ];
}

function checkLabels(labels: unknown, classes: number | undefined): string[] {
  if (!Array.isArray(labels))
    return [`labels is a list of { "label", "id" }, got ${describe(labels)}.`];
  const problems: string[] = [];
  const ids = new Map<string, number>();
  for (const [i, entry] of labels.entries()) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (!isRecord(entry) || typeof entry.label !== 'string' || typeof entry.id !== 'string') {
      problems.push(`labels[${i}] is { "label": text, "id": text }, got ${describeJson(entry)}.`);
    } else if (ids.has(entry.id))
      problems.push(
        `labels[${i}]: its id "${entry.id}" is that of labels[${ids.get(entry.id)}] too.`,
      );
    else ids.set(entry.id, i);
  }
  if (classes !== undefined && labels.length !== classes)
    problems.push(`the network has ${classes} classes, but there are ${labels.length} labels.`);
  return problems;
}

/** The entries that can be understood, and the others, of which one problem is enough. */
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
      `weightsManifest is a list of { "paths": [ … ], "weights": [ … ] }, got ${describe(groups)}.`,
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
    return `a tensor has a name, got ${describeJson(entry)}.`;
  const { name, shape, dtype, quantization } = entry;
  if (
    !Array.isArray(shape) ||
    shape.length > 8 ||
    !shape.every((side) => Number.isInteger(side) && side > 0) ||
    sizeOf(shape as number[]) > 2 ** 31
  ) {
    return `${name}: its shape is a list of whole numbers, got ${describeJson(shape)}.`;
  }
  if (dtype !== 'float32') return `${name}: its dtype is float32, got ${describe(dtype)}.`;
  if (quantization === undefined) return undefined;
  const {
    dtype: stored,
    scale = 1,
    min = 0,
    channelScale = '',
  } = isRecord(quantization) ? quantization : {};
  if (!['uint8', 'uint16', 'float16'].includes(stored as string))
    return `${name}: quantization.dtype is uint8, uint16 or float16, got ${describe(stored)}.`;
  if (typeof channelScale !== 'string')
    return `${name}: quantization.channelScale is the name of a tensor, got ${describe(channelScale)}.`;
  return Number.isFinite(scale) && Number.isFinite(min)
    ? undefined
    : `${name}: quantization has finite scale and min.`;
}

/** Every parameter there, in its shape, once, and nothing beside them but channel scales. */
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
    if (byName.has(entry.name)) problems.push(`${entry.name}: stands twice in weightsManifest.`);
    byName.set(entry.name, entry);
    if (problems.length >= MAX_PROBLEMS) return problems;
  }
  for (const [name, { shape }] of Object.entries(wanted)) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    const entry = byName.get(name);
    if (!entry) {
      if (!known.has(name))
        problems.push(
          `${name}: the network needs it, ${formatShape(shape)}, and the set has none.`,
        );
    } else if (formatShape(entry.shape) !== formatShape(shape)) {
      problems.push(
        `${name}: the network needs ${formatShape(shape)}, the set has ${formatShape(entry.shape)}.`,
      );
    }
  }
  for (const { name, shape, quantization } of entries) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    if (!Object.hasOwn(wanted, name) && !scales.has(name)) {
      problems.push(
        `${name}: ${Object.hasOwn(all, name) ? 'is of a layer of the base, and stored here too' : 'the network has no such parameter'}.`,
      );
    }
    if (quantization?.channelScale === undefined) continue;
    if (known.has(quantization.channelScale)) continue;
    const factors = byName.get(quantization.channelScale);
    if (!factors || factors.quantization || formatShape(factors.shape) !== String(shape.at(-1))) {
      problems.push(
        `${name}: its channelScale "${quantization.channelScale}" is a float32 tensor of ${shape.at(-1)}, and the set has no such one.`,
      );
    } else if (Object.hasOwn(wanted, factors.name)) {
      problems.push(
        `${name}: its channelScale "${factors.name}" is a tensor of its own, not a parameter of the network.`,
      );
    }
  }
  return problems;
}
