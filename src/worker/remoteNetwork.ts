/** RemoteNetwork: what a page knows of a network in the worker, without TensorFlow.js. */
import type { Layer, LayerJSON, Shape } from '../layers/layer';
import type { LayerSummary } from '../layers/sequential';
import type { ModelFacts } from './protocol';

/** A network's layers as data: `sequentialFromJSON(net.toJSON())` of `alexnet-ts/layers` makes a network of it. */
export interface RemoteNetwork {
  readonly type: 'sequential';
  readonly names: readonly string[];
  readonly layers: Readonly<Record<string, Pick<Layer, 'type' | 'toJSON'>>>;
  readonly inputShape: Shape | undefined;
  /** The output shape of each layer, in order. */
  shapes(): Record<string, Shape>;
  /** Name, shape, parameters and cost of each layer. */
  summary(): LayerSummary[];
  /** What `sequentialFromJSON` takes. */
  toJSON(): LayerJSON;
}

export function remoteNetwork({ net, shapes, summary }: ModelFacts): RemoteNetwork {
  const { layers: listed, inputShape } = net as LayerJSON & {
    layers: (LayerJSON & { name: string })[];
    inputShape?: Shape;
  };
  const layers = listed.map(
    ({ name, ...layer }) =>
      [name, { type: layer.type, toJSON: () => structuredClone(layer) }] as const,
  );
  return {
    type: 'sequential',
    names: layers.map(([name]) => name),
    layers: Object.fromEntries(layers),
    inputShape,
    shapes: () => structuredClone(shapes),
    summary: () => structuredClone(summary.layers),
    toJSON: () => structuredClone(net),
  };
}
