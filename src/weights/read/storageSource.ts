/** Reads a model saved in the browser, by this library or by TensorFlow.js. */
import { io } from '@tensorflow/tfjs-core';
import { OptionsError } from '../../errors';
import { notSaved, savedSource } from '../save/savedModels';
import { handlerSource } from './handlerSource';
import type { WeightSource } from './source';

/** @param address `indexeddb://name` or `localstorage://name` */
export async function storageSource(address: string): Promise<WeightSource> {
  const [handler] = io.getLoadHandlers(address);
  if (!handler)
    throw new OptionsError(
      `load: ${address} can only be read in a browser. Pass the address of a model.json.`,
    );
  const byTfjs = handlerSource(handler, address);
  if (!address.startsWith('indexeddb:')) return byTfjs;
  const saved = await savedSource(address);
  if (saved) return saved;
  await byTfjs.manifest({}).catch(async () => {
    throw await notSaved(address);
  });
  return byTfjs;
}
