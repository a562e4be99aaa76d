/** RemoteNetwork: the layers of a network in the worker as data, without TensorFlow.js. */
import type { Layer, LayerJSON, Shape } from '../layers/layer';
import type { LayerSummary, Sequential } from '../layers/sequential';
import type { RemoteModelFacts } from './protocol';

/**
 * The layers of a model in the worker, as data. `sequentialFromJSON(net.toJSON())` of
 * `alexnet-ts/layers` makes a network that computes.
 */
export interface RemoteNetwork extends Pick<
  Sequential,
  'type' | 'names' | 'inputShape' | 'toJSON'
> {
  readonly layers: Readonly<Record<string, Pick<Layer, 'type' | 'toJSON'>>>;
  /** Returns the output shape of each layer, in order. */
  shapes(): Record<string, Shape>;
  /** Returns name, shape, parameters and cost of each layer. */
  summary(): LayerSummary[];
}

export function remoteNetwork({ net, shapes, summary }: RemoteModelFacts): RemoteNetwork {
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
