/** layerFromJSON: creates layers from a manifest. Creates only the types in its table. */
import { OptionsError, describe, describeJson, suggest } from '../errors';
import { checkOptions } from '../platform/checkOptions';
import { isRecord } from '../platform/typeGuards';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { dropout } from './dropout';
import { flatten } from './flatten';
import type { Layer } from './layer';
import { lrn } from './lrn';
import { maxPool } from './maxPool';
import { relu, tanh } from './activation';
import { sequential, type Sequential } from './sequential';
import { softmax } from './softmax';

/** Returns a factory of layers that have no options. It refuses options in JSON. */
const plain =
  <L extends Layer>(create: () => L) =>
  (options: object): L => {
    const layer = create();
    checkOptions(layer.type, options, {});
    return layer;
  };

const BUILT_IN = {
  conv2d,
  relu: plain(relu),
  lrn,
  maxPool,
  flatten: plain(flatten),
  dense,
  dropout,
  softmax: plain(softmax),
  tanh: plain(tanh),
};

/** A layer of this library, with complete options: switch on `type`. */
export type BuiltInLayer = ReturnType<(typeof BUILT_IN)[keyof typeof BUILT_IN]>;

const FACTORIES: ReadonlyMap<string, (options: never) => Layer> = new Map(Object.entries(BUILT_IN));

/** The types of layer that a manifest can name. */
export const layerTypes: readonly string[] = [...FACTORIES.keys(), 'sequential'];

/** The deepest nesting of blocks. Protects the stack from malicious manifests. */
const MAX_DEPTH = 16;

/**
 * Builds the layer that `layer.toJSON()` described: `{ "type": "relu" }`, or a whole network,
 * `{ "type": "sequential", "inputShape": [227, 227, 3], "layers": [{ "name": "conv1", … }, …] }`.
 *
 * @throws OptionsError for an unknown layer or option, or an option out of range. The message names
 * the layer.
 */
export function layerFromJSON(json: unknown, at = 'network'): Layer {
  if (!isRecord(json))
    throw new OptionsError(
      `${at}: a layer must be an object with a "type", got ${describe(json)}.`,
    );
  const { type, name: _name, ...options } = json;
  if (typeof type !== 'string')
    throw new OptionsError(`${at}: a layer must have a "type", got ${describe(json)}.`);
  if (type === 'sequential') return sequentialFromJSON(json, at);
  const factory = FACTORIES.get(type);
  if (!factory)
    throw new OptionsError(`${at}: "${type}" is not a type of layer. ${suggest(type, layerTypes)}`);
  try {
    return factory(options as never);
  } catch (error) {
    if (error instanceof Error) error.message = `${at}: ${error.message}`;
    throw error;
  }
}

/** Builds a whole network from JSON, as `layerFromJSON` does. */
export function sequentialFromJSON(json: unknown, at = 'network'): Sequential {
  if (!isRecord(json) || json.type !== 'sequential' || !Array.isArray(json.layers)) {
    throw new OptionsError(
      `${at}: a network must be { "type": "sequential", "layers": [ … ] }, got ${describe(json)}.`,
    );
  }
  if (at.split('/').length > MAX_DEPTH)
    throw new OptionsError(`${at.slice(0, 100)}: blocks must be at most ${MAX_DEPTH} deep.`);
  const layers: Record<string, Layer> = {};
  json.layers.forEach((entry: unknown, i) => {
    const name = isRecord(entry) ? entry.name : undefined;
    if (typeof name !== 'string' || name === '')
      throw new OptionsError(`${at}: layer ${i + 1} must have a "name", got ${describe(name)}.`);
    if (Object.hasOwn(layers, name))
      throw new OptionsError(`${at}: names of layers must be unique, got "${name}" twice.`);
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
      `${at}: inputShape must be a list of integers of at least 1, got ${describeJson(inputShape)}.`,
    );
  }
  return sequential(layers, { inputShape: inputShape as number[] });
}
