/** upload: a network's parameters, as they are stored, to tensors on a backend. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Sequential } from '../layers/sequential';
import { firstLayers } from '../prediction/inference';
import { floatsOf, type Stored } from '../weights/stored';
import type { ChosenBackend } from './choose';
import { onBackend } from './guest';

/** What makes the tensor of a parameter: on WASM one that the faster inference computes with, where there is that for the network. */
export async function uploader(
  net: Sequential,
  { name, engineName }: ChosenBackend,
): Promise<(param: string, shape: readonly number[], stored: Stored) => Tensor> {
  const faster = name === 'wasm' ? await (await import('../inference/receiver')).receiver(net) : undefined;
  return (param, shape, stored) => faster?.(param, shape, stored) ?? onBackend(engineName, () => tensor(floatsOf(stored), [...shape]));
}

/** The layers' constants, unless something faster needs none. */
export const constantsOn = (net: Sequential, params: Record<string, Tensor>, { engineName }: ChosenBackend): Record<string, Tensor> =>
  firstLayers(net, params)?.whole ? {} : onBackend(engineName, () => net.constants(params));
