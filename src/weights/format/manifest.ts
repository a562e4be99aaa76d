/** Validates model.json, the manifest of a set of weights. */
import { OptionsError, WeightsError, describe, describeJson, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { parsePreprocessing, type Preprocessing } from './preprocessing';
import { MAX_PROBLEMS, checkShards } from './checkShards';
import { compareNames, readEntries } from './checkTensors';
import { storedBytes, type CheckedManifest, type Manifest } from './manifestTypes';
import { storedParams } from './tuning';
import { isRecord } from '../../platform/typeGuards';

export { MAX_SHARD_BYTES } from './checkShards';
export * from './manifestTypes';

/** Returns what is wrong with `base` and `tuning`, one sentence each. */
export type TuningProblems = (
  json: Record<string, unknown>,
  net: Sequential | undefined,
) => string[];

/** Whether a manifest has `base` or `tuning`. */
export const isTuned = (json: unknown): boolean =>
  isRecord(json) && !(json.base === undefined && json.tuning === undefined);

/** Maximum number of weights of a network: 2 GiB as float32, nine times AlexNet. */
const MAX_NUMBERS = 2 ** 29;

/**
 * Validates a parsed model.json: the format, the layers, the shards' sizes, one label per class,
 * and that the set stores exactly the network's parameters (except those of its base's layers) in
 * their shapes.
 *
 * @param tuningProblems checks `base` and `tuning`; not called for a manifest without them
 * @throws WeightsError listing every problem.
 */
export function parseManifest(
  json: unknown,
  where: string,
  tuningProblems: TuningProblems,
): CheckedManifest {
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
  if (![1, 2].includes(json.formatVersion as number)) {
    throw new WeightsError(where, [
      `formatVersion must be 1 or 2, got ${describe(json.formatVersion)}. Update alexnet-ts.`,
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
  if (isTuned(json)) problems.push(...tuningProblems(json, wanted && net));
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
