/** Which layers are trained, and at which learning rate. */
import { read } from '../../backends/contextLoss';
import { OptionsError, describe, suggest } from '../../errors';
import { dense } from '../../layers/dense';
import { sequential, type Sequential } from '../../layers/sequential';
import { FINE_TUNE, HEAD, LAYERS } from '../defaults';
import type { FineTuneOptions } from './options';
import type { BaseModel } from './tuningResult';

/**
 * A network divided into a frozen part, whose outputs are computed once per image, and a trained
 * part.
 */
export interface TrainableLayers {
  /** The last dense layer, which is replaced by a new one. */
  head: string;
  /** Names of the trained layers, in the network's order; the head is the last. */
  trained: readonly string[];
  /** The last layer of the frozen part; undefined when the first layer is trained. */
  frozenUpTo: string | undefined;
  /** The last frozen layer when the head alone is trained. */
  beforeHead: string | undefined;
}

/**
 * Returns the last layer before `name` whose output is the same in each pass. Skips dropout, which
 * is drawn again each time.
 */
function lastFrozenBefore({ names, layers }: Sequential, name: string): string | undefined {
  let index = names.indexOf(name);
  while (index > 0 && layers[names[index - 1]!]!.type === 'dropout') index--;
  return names[index - 1];
}

/** Returns the last dense layer, which computes the scores. */
export function headOf({ names, layers }: Sequential, where: string): string {
  const last = names.findLast((name) => layers[name]!.type !== 'softmax');
  if (last !== undefined && layers[last]!.type === 'dense') return last;
  const got = last === undefined ? 'softmax alone' : `${last}, a ${layers[last]!.type} layer`;
  throw new OptionsError(
    `${where}: the network must end in a dense layer (softmax may follow), got ${got}. End it with dense().`,
  );
}

/**
 * Returns the layers that `train` names, and the head.
 * @throws OptionsError for an unknown layer, or a layer without weights.
 */
export function trainableLayers(
  net: Sequential,
  train: FineTuneOptions['train'] = FINE_TUNE.train,
  where = 'fineTune',
): TrainableLayers {
  const head = headOf(net, where);
  const params = Object.keys(net.params());
  const layers = net.names.filter((name) => params.some((param) => param.startsWith(`${name}/`)));
  const chosen = chooseLayers(net, layers, train, where);
  const trained = layers.filter((name) => name === head || chosen.includes(name));
  return {
    head,
    trained,
    frozenUpTo: lastFrozenBefore(net, trained[0]!),
    beforeHead: lastFrozenBefore(net, head),
  };
}

function chooseLayers(
  net: Sequential,
  layers: readonly string[],
  train: unknown,
  where: string,
): readonly string[] {
  if (train === 'head') return [];
  if (train === 'classifier') return layers.filter((name) => net.layers[name]!.type === 'dense');
  if (train === 'all') return layers;
  if (!Array.isArray(train)) {
    throw new OptionsError(
      `${where}: train must be 'head', 'classifier', 'all' or a list of layers, got ${describe(train)}.`,
    );
  }
  for (const name of train as unknown[]) {
    if (layers.includes(name as string)) continue;
    throw new OptionsError(
      `${where}: train must name layers with weights, got ${describe(name)}. ${suggest(String(name), layers)}`,
    );
  }
  return train as string[];
}

/**
 * Returns the network with a new head for a number of classes, and without a softmax layer after
 * it.
 */
export function withHead(net: Sequential, head: string, classes: number): Sequential {
  const { names, layers, inputShape } = net;
  const upToHead = names.slice(0, names.indexOf(head) + 1);
  const all = Object.fromEntries(
    upToHead.map((name) => [name, name === head ? dense({ units: classes }) : layers[name]!]),
  );
  return sequential(all, inputShape ? { inputShape } : {});
}

/**
 * A first layer whose weights have at least this root mean square gets the rate of the other
 * layers. If pixels keep their standard deviation of about 58 levels and the weights compensate for
 * it, as in sets from PyTorch, the weights are about 58 times smaller, and a step changes them 58
 * times as much: at 0.001, one step would undo conv1 of the shipped set.
 */
const FIRST_LAYER_RMS = 0.05;

/** Returns the learning rate of each trained layer: the given one, or the default. */
export async function learningRates(
  { net, tensors, tfBackend }: BaseModel,
  trained: readonly string[],
  given: FineTuneOptions['learningRate'],
): Promise<Record<string, number>> {
  const rates: Record<string, number> = {};
  for (const name of trained) {
    const rate = typeof given === 'number' ? given : given?.[name];
    const kernel = tensors[`${name}/kernel`];
    if (rate !== undefined) rates[name] = rate;
    else if (trained.length === 1) rates[name] = HEAD.learningRate;
    else if (kernel && name === net.names[0]) {
      const values = await read(tfBackend, kernel);
      const squares = values.reduce((sum, weight) => sum + weight * weight, 0);
      rates[name] = LAYERS.learningRate * Math.min(1, squares / kernel.size / FIRST_LAYER_RMS ** 2);
    } else rates[name] = LAYERS.learningRate;
  }
  return rates;
}
