/** Lists a network's layers with their shapes, as the exported formats need them. */
import { OptionsError } from '../../errors';
import { paddingOf } from '../../layers/conv2d';
import type { LayerJSON, Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Padding } from '../../kernels/conv2d';

/** The window of a convolution or pooling. */
interface SlidingWindow {
  size: number;
  stride: number;
  /** In pixels. */
  padding: Padding;
}

/** The layers that have an effect at inference, with the options that other frameworks share. */
export type KnownLayer =
  | ({ type: 'conv2d'; filters: number; groups: number } & SlidingWindow)
  | ({ type: 'maxPool' } & SlidingWindow)
  | { type: 'lrn'; n: number; k: number; alpha: number; beta: number }
  | { type: 'dense'; units: number }
  | { type: 'relu' | 'tanh' | 'softmax' | 'flatten' };

/** One layer and its shapes. */
export interface ChainedLayer {
  /** `conv1`. */
  name: string;
  layer: KnownLayer;
  input: Shape;
  output: Shape;
  /** For a dense layer: the shape of the feature map that was flattened into its input. */
  map?: Shape | undefined;
}

/**
 * Returns the layers of a network without dropout and without a final softmax. Exported graphs add
 * the softmax, because they also output the scores before it.
 *
 * @throws OptionsError for a nested network, which no format here supports.
 */
export function chain(net: Sequential): ChainedLayer[] {
  const shapes = net.shapes();
  const layers: ChainedLayer[] = [];
  let input = net.inputShape!;
  let map: Shape | undefined;
  for (const name of net.names) {
    const output = shapes[name]!;
    const layer = knownLayer(name, net.layers[name]!.toJSON());
    if (layer)
      layers.push({ name, layer, input, output, ...(layer.type === 'dense' ? { map } : {}) });
    if (layer?.type === 'flatten' && input.length === 3)
      map = input; // flattening a vector has no effect
    else if (layer?.type === 'dense') map = undefined;
    input = output;
  }
  if (layers.at(-1)?.layer.type === 'softmax') layers.pop();
  return layers;
}

function knownLayer(name: string, json: LayerJSON): KnownLayer | undefined {
  switch (json.type) {
    case 'dropout':
      return undefined;
    case 'conv2d': {
      const { filters, size, stride, pad, groups } = json as unknown as {
        [option: string]: number;
      } & { pad: number | Partial<Padding> };
      return {
        type: 'conv2d',
        filters: filters!,
        groups: groups!,
        size: size!,
        stride: stride!,
        padding: paddingOf(pad),
      };
    }
    case 'maxPool': {
      const {
        size,
        stride,
        pad,
        overhang = 0,
      } = json as unknown as Record<'size' | 'stride' | 'pad', number> & { overhang?: number };
      return {
        type: 'maxPool',
        size,
        stride,
        padding: { top: pad, left: pad, bottom: pad + overhang, right: pad + overhang },
      };
    }
    case 'lrn':
    case 'dense':
    case 'relu':
    case 'tanh':
    case 'softmax':
    case 'flatten':
      return json as unknown as KnownLayer;
    default:
      throw new OptionsError(
        `export: ${name} must be a layer that other frameworks have, got ${json.type}. List its layers one by one.`,
      );
  }
}
