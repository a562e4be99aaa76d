/** Which layers learn, and which are only run through once. */
import { OptionsError, describe, suggest } from '../../errors';
import { dense } from '../../layers/dense';
import { sequential, type Sequential } from '../../layers/sequential';
import type { FineTuneOptions } from './options';

/** A network cut in two: what is frozen runs once for each picture, and what comes out of it is kept. */
export interface Plan {
  /** The last dense layer, which is made anew. */
  head: string;
  /** All that learns, in the order of the network; the head is the last. */
  trained: readonly string[];
  /** The last layer of the frozen part; undefined when the first layer learns. */
  after: string | undefined;
  /** The same for the head alone. */
  headAfter: string | undefined;
}

/** The layer behind which a layer's input is the same for each pass: dropout in between is drawn anew. */
function before({ names, layers }: Sequential, name: string): string | undefined {
  let index = names.indexOf(name);
  while (index > 0 && layers[names[index - 1]!]!.type === 'dropout') index--;
  return names[index - 1];
}

/** The last dense layer: it gives the scores. */
export function headOf(net: Sequential, where = 'fineTune'): string {
  const { names, layers } = net;
  const head = names.findLast((name) => layers[name]!.type !== 'softmax');
  if (head === undefined || layers[head]!.type !== 'dense') {
    throw new OptionsError(
      `${where}: the network ends in a dense layer (and perhaps softmax), got ${head === undefined ? 'softmax alone' : `${head}, a ${layers[head]!.type}`}. End it with dense().`,
    );
  }
  return head;
}

/** @throws OptionsError for a name that is no layer, or a layer without weights. */
export function planTraining(
  net: Sequential,
  train: FineTuneOptions['train'] = 'head',
  where = 'fineTune',
): Plan {
  const head = headOf(net, where);
  const specs = Object.keys(net.params());
  const learning = net.names.filter((name) => specs.some((spec) => spec.startsWith(`${name}/`)));
  const wanted = namesOf(net, train, learning, head, where);
  const trained = learning.filter((name) => name === head || wanted.includes(name));
  return { head, trained, after: before(net, trained[0]!), headAfter: before(net, head) };
}

function namesOf(
  net: Sequential,
  train: unknown,
  learning: readonly string[],
  head: string,
  where: string,
): readonly string[] {
  if (train === 'head') return [head];
  if (train === 'classifier') return learning.filter((name) => net.layers[name]!.type === 'dense');
  if (train === 'all') return learning;
  if (!Array.isArray(train)) {
    throw new OptionsError(
      `${where}: train is 'head', 'classifier', 'all' or a list of layers, got ${describe(train)}.`,
    );
  }
  for (const name of train as unknown[]) {
    if (!learning.includes(name as string)) {
      throw new OptionsError(
        `${where}: train names ${describe(name)}, which is no layer with weights. ${suggest(String(name), learning)}`,
      );
    }
  }
  return train as string[];
}

/** The same network for other classes: another head, and no softmax behind it. */
export function withHead(net: Sequential, head: string, classes: number): Sequential {
  const { names, layers, inputShape } = net;
  const kept = names.slice(0, names.indexOf(head) + 1);
  const all = Object.fromEntries(
    kept.map((name) => [name, name === head ? dense({ units: classes }) : layers[name]!]),
  );
  return sequential(all, inputShape ? { inputShape } : {});
}
