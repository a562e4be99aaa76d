/** Checks the manifest's `base` and `tuning`. Loaded only for sets that have them. */
import { describe, describeJson } from '../../errors';
import { layerOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { isRecord, isSha256, isStringArray } from '../../platform/typeGuards';
import { MAX_PROBLEMS } from './checkShards';
import { parseManifest, type CheckedManifest } from './manifest';

/**
 * Validates a parsed model.json, with `base` and `tuning` if it has them: see `parseManifest`.
 *
 * @throws WeightsError listing every problem.
 */
export const checkManifest = (json: unknown, where: string): CheckedManifest =>
  parseManifest(json, where, tuningProblems);

/** Returns what is wrong with `base` and `tuning`, one sentence each. */
export function tuningProblems(
  { base, tuning }: Record<string, unknown>,
  net: Sequential | undefined,
): string[] {
  return [
    ...(base === undefined ? [] : baseProblems(base, net)),
    ...(tuning === undefined ? [] : recordProblems(tuning)),
  ];
}

function baseProblems(base: unknown, net: Sequential | undefined): string[] {
  if (
    !isRecord(base) ||
    typeof base.name !== 'string' ||
    !isSha256(base.hash) ||
    !isStringArray(base.layers)
  ) {
    return [
      `base must be { "name", "hash": 64 hexadecimal digits, "layers": [ … ] }, got ${describeJson(base)}.`,
    ];
  }
  if (!net) return [];
  const problems: string[] = [];
  const trainable = new Set(Object.keys(net.params()).map(layerOf));
  const named = new Set(base.layers);
  for (const layer of base.layers) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (!trainable.has(layer))
      problems.push(`base.layers must name layers with weights, got ${describe(layer)}.`);
  }
  if ([...trainable].every((layer) => named.has(layer)))
    problems.push('base.layers must leave at least one layer to this set, got every layer.');
  return problems;
}

function recordProblems(tuning: unknown): string[] {
  if (!isRecord(tuning)) return [`tuning must be an object, got ${describe(tuning)}.`];
  const problems: string[] = [];
  const { origin, history, recipe } = tuning;
  if (origin !== undefined && !isOrigin(origin)) {
    problems.push(
      `tuning.origin must be { "base": { "name", "hash" }, "trained": [ … ] }, got ${describeJson(origin)}.`,
    );
  }
  if (!Array.isArray(history))
    problems.push(`tuning.history must be a list of epochs, got ${describe(history)}.`);
  else {
    const wrong = history.findIndex((report) => !isEpochReport(report));
    if (wrong >= 0)
      problems.push(
        `tuning.history[${wrong}] must have epoch, loss and accuracy, got ${describeJson(history[wrong])}.`,
      );
  }
  if (!isRecord(recipe)) problems.push(`tuning.recipe must be an object, got ${describe(recipe)}.`);
  return problems;
}

const isOrigin = (value: unknown): boolean =>
  isRecord(value) &&
  isRecord(value.base) &&
  typeof value.base.name === 'string' &&
  isSha256(value.base.hash) &&
  isStringArray(value.trained);

const isMeasure = (value: unknown): boolean =>
  isRecord(value) && Number.isFinite(value.loss) && Number.isFinite(value.accuracy);

const isEpochReport = (value: unknown): boolean =>
  isRecord(value) &&
  isMeasure(value) &&
  Number.isInteger(value.epoch) &&
  (value.validation === undefined || isMeasure(value.validation));
