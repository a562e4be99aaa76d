/** start: a model of its parts, run once. */
import { env } from '@tensorflow/tfjs-core';
import type { ChosenBackend } from '../backends/chooseBackend';
import { isLost } from '../backends/contextLoss';
import { release } from '../platform/sharedTensors';
import type { ReadOptions } from '../weights/read/read';
import type { Model } from './model';
import type { ModelParts } from './modelParts';

/** Makes the model, once its engine has run. */
export type CreateModel = (parts: ModelParts) => Model;

interface StartOptions extends Pick<ReadOptions, 'onProgress' | 'signal'> {
  /** Runs the layers up to this one. @default all */
  upTo?: string;
}

/**
 * Runs the network once and makes a model of it. Where its WebGL context is lost meanwhile, `tensors` are replaced, in
 * place, by those of the backend that takes over: the caller frees them when this fails.
 */
export async function start(
  parts: ModelParts,
  { onProgress, signal, upTo }: StartOptions,
  createModel: CreateModel,
): Promise<Model> {
  const { net, tensors, again } = parts;
  let { backend, engine } = parts;
  const total = net.names.length;
  for (let losses = 1; ; losses++) {
    try {
      const onLayers = (loaded: number) => onProgress?.({ phase: 'warm-up', loaded, total });
      await withoutTexturePool(backend, () => engine.warmUp({ upTo, onLayers, signal }));
      signal?.throwIfAborted();
      return createModel({ ...parts, backend, engine });
    } catch (error) {
      if (!again || signal?.aborted || !isLost(backend.tfBackend)) throw error;
      const { renew } = await import('./recover');
      const renewed = await renew({ net, backend, again }, losses, signal);
      ({ backend, engine } = renewed);
      for (const [name, lost] of Object.entries(tensors)) {
        release(lost);
        delete tensors[name];
      }
      Object.assign(tensors, renewed.tensors);
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
