/**
 * chain: a network as the formats of others want it, a list of known layers with the shapes between
 * them.
 */
import { OptionsError } from '../../errors';
import { paddingOf } from '../../layers/conv2d';
import type { LayerJSON, Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Padding } from '../../kernels/conv2d';

/** What a window of a convolution or a pooling covers. */
interface SlidingWindow {
  size: number;
  stride: number;
  /** In pixels. */
  padding: Padding;
}

/** The layers that change anything in a trained network, with the options that others have too. */
export type KnownLayer =
  | ({ type: 'conv2d'; filters: number; groups: number } & SlidingWindow)
  | ({ type: 'maxPool' } & SlidingWindow)
  | { type: 'lrn'; n: number; k: number; alpha: number; beta: number }
  | { type: 'dense'; units: number }
  | { type: 'relu' | 'tanh' | 'softmax' | 'flatten' };

/** One layer in its place. */
export interface Link {
  /** `conv1`. */
  name: string;
  layer: KnownLayer;
  input: Shape;
  output: Shape;
  /** Of a dense layer: the map that was flattened into its input. */
  map?: Shape | undefined;
}

/**
 * The layers of a network, without dropout, and without a softmax at its end: exported files have
 * the scores before it as well.
 *
 * @throws OptionsError for a network within the network, which no file here has a place for.
 */
export function chain(net: Sequential): Link[] {
  const shapes = net.shapes();
  const links: Link[] = [];
  let input = net.inputShape!;
  let map: Shape | undefined;
  for (const name of net.names) {
    const output = shapes[name]!;
    const layer = known(name, net.layers[name]!.toJSON());
    if (layer)
      links.push({ name, layer, input, output, ...(layer.type === 'dense' ? { map } : {}) });
    if (layer?.type === 'flatten' && input.length === 3)
      map = input; // a vector stays as it is
    else if (layer?.type === 'dense') map = undefined;
    input = output;
  }
  if (links.at(-1)?.layer.type === 'softmax') links.pop();
  return links;
}

function known(name: string, json: LayerJSON): KnownLayer | undefined {
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
        `export: ${name} is of the type ${json.type}, which exported files cannot hold. Write its layers out one by one.`,
      );
  }
}
