/** A model of the tiny network on a backend, and images for it. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { BACKENDS, type BackendName } from '../../src/backends/backends';
import { onBackend } from '../../src/backends/activeBackend';
import { TfjsEngine } from '../../src/engines/tfjs/tfjsEngine';
import { sizeOf } from '../../src/layers/layer';
import { Model } from '../../src/model/model';
import type { Preprocessing } from '../../src/weights/format/preprocessing';
import { dequantize } from '../../src/weights/format/storedTensor';
import { WASM_PATHS } from './backends';
import { formula } from './formula';
import { tinyNetwork } from './tinySet';
import type { ReloadWeights } from '../../src/weights/read/read';

export const LABELS = ['ant', 'bee', 'cat', 'dog', 'elk'] as const;
export type TinyModel = Model<(typeof LABELS)[number]>;

export const tinyPreprocessing: Preprocessing = {
  resize: 20,
  crop: 16,
  inputSize: 16,
  mean: [124, 116, 104],
};

const grown = (name: string, count: number) =>
  formula(`model.${name}`, count, name.startsWith('conv1') ? 0.05 : 0.01);

/** Creates the model without warm-up, on an open `tfBackend` if given. */
export async function tinyModel(
  name: BackendName,
  {
    values = grown,
    preprocessing = tinyPreprocessing,
    tfBackend: other,
  }: { values?: typeof grown; preprocessing?: Preprocessing; tfBackend?: string } = {},
): Promise<TinyModel> {
  await BACKENDS[name].open({ wasmPaths: WASM_PATHS });
  const tfBackend = other ?? BACKENDS[name].tfBackend;
  const net = tinyNetwork();
  const tensors: Record<string, Tensor> = {};
  const reload: ReloadWeights = async (put) =>
    Object.entries(net.params()).forEach(([param, { shape }]) =>
      put(param, shape, values(param, sizeOf(shape))),
    );
  await reload((param, shape, numbers) => {
    tensors[param] = onBackend(tfBackend, () => tensor(dequantize(numbers), [...shape]));
  });
  const classes = LABELS.map((label, i) => ({ label, id: `n${i}` }));
  Object.assign(
    tensors,
    onBackend(tfBackend, () => net.constants(tensors)),
  );
  const backend = { name, tfBackend, passedOver: [], options: { wasmPaths: WASM_PATHS } };
  const engine = new TfjsEngine({ net, tensors, tfBackend });
  return new Model({ name: 'tiny', net, tensors, engine, classes, preprocessing, backend, reload });
}

/** Returns a different image for each number, not square, larger than the input. */
export const picture = (i = 0, width = 30, height = 24): ImageData =>
  new ImageData(
    Uint8ClampedArray.from(formula(`picture ${i}`, width * height * 4, 128, 128)),
    width,
    height,
  );

export const pictures = (count: number): ImageData[] =>
  Array.from({ length: count }, (_, i) => picture(i));
