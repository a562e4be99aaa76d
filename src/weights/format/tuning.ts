/** What the manifest of a tuned model says beside: the base that it stands on, and how it was trained. */
import { describe, excerpt } from '../../errors';
import { MAX_PROBLEMS } from './checkShards';
import type { Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Origin } from '../../model/modelParts';
import type { History } from '../../training/loop/history';
import type { Recipe } from '../../model/tunedModel';

/** The set that the layers come from which are not stored. */
export interface BaseReference {
  /** The name of the base. */
  name: string;
  /** SHA-256 of its shards' hashes, one a line: see setHash.ts. */
  hash: string;
  /** The layers whose weights are the base's. */
  layers: readonly string[];
}

/** How a tuned model came to be. */
export interface TuningRecord {
  /** The set that it was tuned from; none for a network of the user's own. */
  origin?: Origin;
  history: History;
  recipe: Recipe;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isHash = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** The layer of a parameter: `fc8` of `fc8/kernel`. */
export const layerOf = (param: string): string => param.slice(0, param.lastIndexOf('/'));

/** The parameters that a set stores itself: all, or those of the layers that are not its base's. */
export function storedParams<Spec extends { shape: Shape }>(
  all: Record<string, Spec>,
  base: unknown,
): Record<string, Spec> {
  const layers = new Set(isRecord(base) && isNames(base.layers) ? base.layers : []);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !layers.has(layerOf(name))));
}

/** What is wrong with `base` and `tuning`, a sentence each. */
export function tuningProblems(
  json: Record<string, unknown>,
  net: Sequential | undefined,
): string[] {
  const { base, tuning } = json;
  const problems: string[] = [];
  if (base !== undefined) {
    const learning = net ? [...new Set(Object.keys(net.params()).map(layerOf))] : undefined;
    if (
      !isRecord(base) ||
      typeof base.name !== 'string' ||
      !isHash(base.hash) ||
      !isNames(base.layers)
    ) {
      problems.push(
        `base is { "name", "hash": 64 hexadecimal digits, "layers": [ … ] }, got ${excerpt(base)}.`,
      );
    } else {
      const { layers } = base;
      const [known, named] = [new Set(learning), new Set(layers)];
      for (const layer of layers) {
        if (problems.length >= MAX_PROBLEMS) break;
        if (learning && !known.has(layer))
          problems.push(`base.layers names ${describe(layer)}, which is no layer with weights.`);
      }
      if (learning?.every((layer) => named.has(layer)))
        problems.push('base.layers names every layer, so that nothing is stored here.');
    }
  }
  if (tuning !== undefined) problems.push(...recordProblems(tuning));
  return problems;
}

function recordProblems(tuning: unknown): string[] {
  if (!isRecord(tuning)) return [`tuning is an object, got ${describe(tuning)}.`];
  const problems: string[] = [];
  const { origin, history, recipe } = tuning;
  const base = isRecord(origin) ? origin.base : undefined;
  if (
    origin !== undefined &&
    !(
      isRecord(origin) &&
      isRecord(base) &&
      typeof base.name === 'string' &&
      isHash(base.hash) &&
      isNames(origin.trained)
    )
  ) {
    problems.push(
      `tuning.origin is { "base": { "name", "hash" }, "trained": [ … ] }, got ${excerpt(origin)}.`,
    );
  }
  if (!Array.isArray(history))
    problems.push(`tuning.history is a list of epochs, got ${describe(history)}.`);
  else {
    const wrong = history.findIndex(
      (entry) =>
        !isRecord(entry) ||
        !isMeasure(entry) ||
        !Number.isInteger(entry.epoch) ||
        !fitsValidation(entry),
    );
    if (wrong >= 0)
      problems.push(
        `tuning.history[${wrong}] has epoch, loss and accuracy, got ${excerpt(history[wrong])}.`,
      );
  }
  if (!isRecord(recipe)) problems.push(`tuning.recipe is an object, got ${describe(recipe)}.`);
  return problems;
}

const isMeasure = (value: unknown): boolean =>
  isRecord(value) && Number.isFinite(value.loss) && Number.isFinite(value.accuracy);
const fitsValidation = ({ validation }: Record<string, unknown>): boolean =>
  validation === undefined || isMeasure(validation);
