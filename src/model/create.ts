/** created: the work behind create(). */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { chooseBackend } from '../backends/chooseBackend';
import { onBackend } from '../backends/guest';
import { TfjsEngine } from '../engines/tfjs/tfjsEngine';
import { OptionsError } from '../errors';
import { initialize } from '../layers/init';
import type { Sequential } from '../layers/sequential';
import type { CreateOptions } from './load';
import { Model } from './model';
import { parsePreprocessing } from '../weights/format/preprocessing';
import { start } from './start';
import { classCount, type Label } from '../weights/format/manifest';
import { dequantize } from '../weights/format/storedTensor';
import type { ReloadWeights } from '../weights/read/read';

export async function created<Name extends string>(
  net: Sequential,
  {
    labels,
    preprocessing,
    seed = 0,
    backend = 'auto',
    onProgress,
    signal,
    ...backendOptions
  }: CreateOptions<Name>,
): Promise<Model<Name>> {
  const classes = classCount(net);
  const [inputSize, width, channels] = net.inputShape ?? [];
  if (inputSize === undefined || inputSize !== width || channels !== 3) {
    throw new OptionsError(
      `create: the network takes square RGB pictures, [side, side, 3], got [${net.inputShape?.join(', ') ?? ''}]. Give sequential an inputShape.`,
    );
  }
  const names = labels ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
  if (names.length !== classes || new Set(names).size !== classes) {
    throw new OptionsError(
      `create: the network has ${classes} classes, so labels is ${classes} different names, got ${names.length}.`,
    );
  }
  const ready = parsePreprocessing(
    preprocessing ?? {
      resize: Math.round((inputSize * 256) / 227),
      crop: inputSize,
      inputSize,
      mean: [123.675, 116.28, 103.53],
    },
    'create',
  );
  if (ready.inputSize !== inputSize)
    throw new OptionsError(
      `create: the network takes ${inputSize} pixels, but preprocessing makes ${ready.inputSize}.`,
    );
  const chosen = await chooseBackend(backend, backendOptions, signal);
  const specs = net.params();
  const tensors: Record<string, Tensor> = {};
  try {
    const again: ReloadWeights = async (put) => {
      for (const [name, values] of initialize(specs, seed)) put(name, specs[name]!.shape, values);
    };
    await again((name, shape, values) => {
      tensors[name] = onBackend(chosen.tfBackend, () => tensor(dequantize(values), [...shape]));
    });
    Object.assign(
      tensors,
      onBackend(chosen.tfBackend, () => net.constants(tensors)),
    );
    const named: Label[] = names.map((label) => ({ label, id: label }));
    return (await start(
      {
        name: 'created',
        net,
        tensors,
        engine: new TfjsEngine({ ...chosen, net, tensors }),
        classes: named,
        preprocessing: ready,
        backend: chosen,
        again,
      },
      { onProgress, signal },
      (parts) => new Model(parts),
    )) as Model<Name>;
  } catch (error) {
    for (const param of Object.values(tensors)) param.dispose();
    throw error;
  }
}
