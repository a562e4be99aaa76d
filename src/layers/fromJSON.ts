/** layerFromJSON: from a manifest's list back to layers. Reads data and builds only what this table names. */
import { OptionsError, describe, excerpt, suggest } from '../errors';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { dropout } from './dropout';
import { flatten } from './flatten';
import type { Layer } from './layer';
import { lrn } from './lrn';
import { maxPool } from './maxPool';
import { relu } from './relu';
import { sequential, type Sequential } from './sequential';
import { softmax } from './softmax';
import { tanh } from './tanh';
import { isRecord } from '../platform/typeGuards';

interface Entry {
  make: (options: never) => Layer;
  options: readonly string[];
}

const LAYERS: ReadonlyMap<string, Entry> = new Map(
  Object.entries({
    conv2d: {
      make: conv2d,
      options: ['filters', 'size', 'stride', 'pad', 'groups', 'bias', 'std'],
    },
    relu: { make: relu, options: [] },
    lrn: { make: lrn, options: ['n', 'k', 'alpha', 'beta'] },
    maxPool: { make: maxPool, options: ['size', 'stride', 'pad', 'overhang'] },
    flatten: { make: flatten, options: [] },
    dense: { make: dense, options: ['units', 'bias', 'std'] },
    dropout: { make: dropout, options: ['rate'] },
    softmax: { make: softmax, options: [] },
    tanh: { make: tanh, options: [] },
  }),
);

/** The types of layer that a manifest can name. */
export const layerTypes: readonly string[] = [...LAYERS.keys(), 'sequential'];

/** Blocks within blocks: more would only wind up the stack. */
const MAX_DEPTH = 16;

/**
 * The layer that `layer.toJSON()` described: `{ "type": "relu" }`, or a whole network
 * `{ "type": "sequential", "inputShape": [227, 227, 3], "layers": [{ "name": "conv1", "type": "conv2d", … }, …] }`.
 *
 * @throws OptionsError for an unknown layer or option, or one out of range, saying at which layer.
 */
export function layerFromJSON(json: unknown, at = 'network'): Layer {
  if (!isRecord(json))
    throw new OptionsError(`${at}: a layer is an object with a "type", got ${describe(json)}.`);
  const { type, name: _name, ...options } = json;
  if (typeof type !== 'string')
    throw new OptionsError(`${at}: a layer has a "type", got ${describe(json)}.`);
  if (type === 'sequential') return sequentialFromJSON(json, at);
  const entry = LAYERS.get(type);
  if (!entry)
    throw new OptionsError(`${at}: "${type}" is not a type of layer. ${suggest(type, layerTypes)}`);
  const unknown = Object.keys(options).find((option) => !entry.options.includes(option));
  if (unknown !== undefined) {
    const known = entry.options.length > 0 ? suggest(unknown, entry.options) : 'It has none.';
    throw new OptionsError(`${at}: ${type} has no option "${unknown}". ${known}`);
  }
  try {
    return entry.make(options as never);
  } catch (error) {
    if (error instanceof Error) error.message = `${at}: ${error.message}`;
    throw error;
  }
}

/** As `layerFromJSON`, for a whole network. */
export function sequentialFromJSON(json: unknown, at = 'network'): Sequential {
  if (!isRecord(json) || json.type !== 'sequential' || !Array.isArray(json.layers)) {
    throw new OptionsError(
      `${at}: a network is { "type": "sequential", "layers": [ … ] }, got ${describe(json)}.`,
    );
  }
  if (at.split('/').length > MAX_DEPTH)
    throw new OptionsError(`${at.slice(0, 100)}: blocks are at most ${MAX_DEPTH} deep.`);
  const layers: Record<string, Layer> = {};
  json.layers.forEach((entry: unknown, i) => {
    const name = isRecord(entry) ? entry.name : undefined;
    if (typeof name !== 'string' || name === '')
      throw new OptionsError(`${at}: layer ${i + 1} has no "name".`);
    if (Object.hasOwn(layers, name))
      throw new OptionsError(`${at}: two layers are called "${name}". Names are unique.`);
    const layer = layerFromJSON(entry, at === 'network' ? name : `${at}/${name}`);
    Object.defineProperty(layers, name, { value: layer, enumerable: true });
  });
  const { inputShape } = json;
  if (inputShape === undefined) return sequential(layers);
  if (
    !Array.isArray(inputShape) ||
    inputShape.length > 8 ||
    !inputShape.every((side) => Number.isInteger(side) && side > 0)
  ) {
    throw new OptionsError(
      `${at}: inputShape is a list of whole numbers from 1, got ${excerpt(inputShape)}.`,
    );
  }
  return sequential(layers, { inputShape: inputShape as number[] });
}
