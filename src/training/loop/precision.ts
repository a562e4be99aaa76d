/** Training needs single precision. */
import { env } from '@tensorflow/tfjs-core';
import { BackendError } from '../../errors';

/** @throws BackendError on a GPU with half floats only: the updates of a step are lost in the rounding of the weights. */
export function refuseHalfFloats(where: string, tfBackend: string): void {
  if (!tfBackend.includes('webgl') || env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return;
  throw new BackendError(
    `${where}: training needs a GPU that computes with 32-bit floats, got one with 16. Load the model with backend: 'wasm' for it.`,
  );
}
