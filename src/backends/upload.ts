/** upload: a network's parameters, as they are stored, to tensors on a backend. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Holder } from '../inference/receiver';
import type { Sequential } from '../layers/sequential';
import { firstLayers } from '../prediction/inference';
import { floatsOf, type Stored } from '../weights/stored';
import type { ChosenBackend } from './choose';
import { onBackend } from './guest';

/** What computes a network faster than TensorFlow.js' operations, where there is that for it. */
async function holderFor(net: Sequential, { name, engineName }: ChosenBackend): Promise<Holder | undefined> {
  if (name === 'wasm') return (await import('../inference/engine')).Engine.open(net);
  if (name === 'webgl') return (await import('../inference/webgl/engine')).WebGLEngine.open(net, engineName);
  return undefined;
}

/** What makes the tensor of a parameter: one that the faster inference computes with, if it can. */
export async function uploader(
  net: Sequential,
  backend: ChosenBackend,
): Promise<(param: string, shape: readonly number[], stored: Stored) => Tensor> {
  const holder = await holderFor(net, backend);
  const faster = holder && (await import('../inference/receiver')).receiver(holder);
  return (param, shape, stored) =>
    faster?.(param, shape, stored) ?? onBackend(backend.engineName, () => tensor(floatsOf(stored), [...shape]));
}

/** The layers' constants, unless something faster needs none. */
export const constantsOn = (net: Sequential, params: Record<string, Tensor>, { engineName }: ChosenBackend): Record<string, Tensor> =>
  firstLayers(net, params)?.whole ? {} : onBackend(engineName, () => net.constants(params));
