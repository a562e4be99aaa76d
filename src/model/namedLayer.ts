/** Looks up a layer by the name that the caller passed: for its output or its weights. */
import { read } from '../backends/contextLoss';
import type { LoadedNetwork, Output } from '../engines/engine';
import { OptionsError, describe, suggest } from '../errors';
import type { Sequential } from '../layers/sequential';

/**
 * Returns the name of the layer whose output to return: the ReLU after the named layer, if there is
 * one, unless `beforeRelu` is set.
 *
 * @throws OptionsError for a name that is not a layer of the network.
 */
export function outputLayer(
  method: string,
  { names, layers }: Sequential,
  layer: string,
  beforeRelu = false,
): string {
  const index = names.indexOf(layer);
  if (index < 0)
    throw new OptionsError(
      `${method}: ${describe(layer)} is not a layer of this network. ${suggest(String(layer), names)}`,
    );
  const next = names[index + 1];
  return !beforeRelu && next !== undefined && layers[next]!.type === 'relu' ? next : layer;
}

/**
 * Reads the weights of the named layer, without its biases.
 *
 * @throws OptionsError for a name that is not a layer with weights.
 */
export async function readKernel(
  method: string,
  { net, tfBackend, tensors }: LoadedNetwork,
  layer: string,
): Promise<Output> {
  const kernel = tensors[`${layer}/kernel`];
  if (!kernel) {
    const withWeights = net.names.filter((name) => `${name}/kernel` in tensors);
    throw new OptionsError(
      `${method}: ${describe(layer)} is not a layer with weights. ${suggest(String(layer), withWeights)}`,
    );
  }
  const data = await read(tfBackend, kernel);
  // A copy, because some backends return the array that they compute with.
  return { shape: [...kernel.shape], data: data.slice() };
}
