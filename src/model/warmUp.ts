/**
 * startModel: the last step of load() and create(). Runs the network once, then makes the model.
 */
import { env } from '@tensorflow/tfjs-core';
import { isSlow, type ChosenBackend } from '../backends/chooseBackend';
import { isLost } from '../backends/contextLoss';
import { release } from '../platform/sharedTensors';
import type { LoadProgress } from '../weights/read/read';
import type { Model } from './model';
import type { ModelParts } from './modelParts';

/** Constructs a Model or a TunedModel. */
export type CreateModel = (parts: ModelParts) => Model;

export interface StartOptions {
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Runs the layers up to this one. @default all */
  upTo?: string | undefined;
}

/**
 * Runs the network once and makes a model of it. If its WebGL context is lost meanwhile, another
 * backend takes over, and its tensors replace those of `parts.tensors` in place. If this rejects,
 * the caller must free them.
 */
export async function startModel(
  parts: ModelParts,
  createModel: CreateModel,
  { onProgress, signal, upTo }: StartOptions,
): Promise<Model> {
  const { net, tensors, reload } = parts;
  let { backend, engine } = parts;
  const onLayers = (loaded: number) =>
    onProgress?.({ phase: 'warm-up', loaded, total: net.names.length });
  for (let losses = 1; ; losses++) {
    try {
      await withoutTexturePool(backend, () => engine.warmUp({ upTo, onLayers, signal }));
      signal?.throwIfAborted();
      if (isSlow(backend, engine.threads))
        (await import('../backends/backendProblems')).warnOfSlowBackend(backend);
      return createModel({ ...parts, backend, engine });
    } catch (error) {
      if (!reload || signal?.aborted || !isLost(backend.tfBackend)) throw error;
      const { recoverNetwork } = await import('./recover');
      const recovered = await recoverNetwork({ net, backend, reload }, losses, signal);
      ({ backend, engine } = recovered);
      for (const [name, lost] of Object.entries(tensors)) {
        release(lost);
        delete tensors[name];
      }
      Object.assign(tensors, recovered.tensors);
    }
  }
}

/** The number of loads in progress on WebGL, and the value of the flag before the first of them. */
const loads = { count: 0, threshold: -1 };

/**
 * Runs `work` while TensorFlow.js deletes the textures through which it uploads weights. By default
 * it keeps them for reuse, which doubles the memory that the weights take.
 */
export async function withoutTexturePool(
  backend: ChosenBackend,
  work: () => Promise<void>,
): Promise<void> {
  if (backend.name !== 'webgl') return work();
  if (loads.count++ === 0) loads.threshold = env().getNumber('WEBGL_DELETE_TEXTURE_THRESHOLD');
  env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', 0);
  try {
    await work();
  } finally {
    if (--loads.count === 0) env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', loads.threshold);
  }
}
