/** CommonJS resolves to files of its own, types/*.d.cts, with the same types. */
import { alexnet, load, type ImageInput } from 'alexnet-ts';
import { sequential } from 'alexnet-ts/layers';
import { train } from 'alexnet-ts/training';
import { convert } from 'alexnet-ts/convert';
import { load as loadInWorker } from 'alexnet-ts/worker';

export async function compiles(image: ImageInput) {
  const model: alexnet.Model = await load({ signal: undefined });
  await model.classify(image, { topK: undefined });
  return [loadInWorker, sequential, train, convert];
}
