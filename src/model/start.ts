/** start: a model of its parts, run once. */
import { env, type Tensor } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { isLost } from '../backends/contextLoss';
import { constantsOn } from '../engines/upload';
import type { Model } from './model';
import type { ModelParts } from './modelParts';
import { warmUp } from '../engines/forward';
import { release } from '../platform/sharedTensors';
import type { ReadOptions } from '../weights/read/read';

/** Makes the model, once it has been run. */
export type Make = (parts: ModelParts, constants: Record<string, Tensor>) => Model;

/** Makes a model of its parts, and runs it once: where its WebGL context is lost meanwhile, on what takes its place. */
export async function start(
  parts: ModelParts,
  { onProgress, signal }: Pick<ReadOptions, 'onProgress' | 'signal'>,
  make: Make,
): Promise<Model> {
  const { net, params, again } = parts;
  let { backend } = parts;
  let constants: Record<string, Tensor> = {};
  const total = net.names.length;
  for (let losses = 1; ; losses++) {
    try {
      if (losses === 1) constants = constantsOn(net, params, backend);
      await withoutTexturePool(backend, () =>
        warmUp(
          { net, tensors: { ...params, ...constants }, tfBackend: backend.tfBackend },
          (loaded) => onProgress?.({ phase: 'warm-up', loaded, total }),
          signal,
        ),
      );
      signal?.throwIfAborted();
      return make({ ...parts, backend }, constants);
    } catch (error) {
      for (const constant of Object.values(constants)) constant.dispose();
      constants = {};
      if (!again || signal?.aborted || !isLost(backend.tfBackend)) throw error;
      const { renew } = await import('./recover');
      const renewed = await renew({ net, backend, again }, losses, signal);
      backend = renewed.backend;
      for (const [name, made] of Object.entries(renewed.tensors)) {
        if (!(name in params)) constants[name] = made;
        else {
          release(params[name]!);
          params[name] = made; // in place: whoever called frees them when this fails
        }
      }
    }
  }
}

/** Loads that are under way on WebGL, and what the flag was before the first of them. */
const loading = { count: 0, threshold: -1 };

/** TensorFlow.js keeps the textures that it uploads weights through for later use, as much again as the weights: not while we load. */
export async function withoutTexturePool(
  backend: ChosenBackend,
  work: () => Promise<void>,
): Promise<void> {
  if (backend.name !== 'webgl') return work();
  if (loading.count++ === 0) loading.threshold = env().getNumber('WEBGL_DELETE_TEXTURE_THRESHOLD');
  env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', 0);
  try {
    await work();
  } finally {
    if (--loading.count === 0) env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', loading.threshold);
  }
}
