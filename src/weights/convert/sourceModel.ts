/** SourceModel: how another framework stores the weights of a network. */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import type { LayerJSON } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from '../format/preprocessing';
import type { FileTensor } from './fileReader';

/**
 * Batch normalization directly after a layer, as the names of its tensors in the file. At inference
 * it is a factor and a shift of each channel, which are folded into the layer.
 */
export interface BatchNorm {
  /** @default ones */
  factor?: string | undefined;
  /** @default zeros */
  shift?: string | undefined;
  mean: string;
  variance: string;
  /** Added to the variance. */
  epsilon: number;
}

/** How another framework stores the weights of a network. */
export interface SourceModel {
  /** The equivalent network of this library. */
  net: Sequential;
  /** The manifest's `variant`. */
  variant: string;
  /** How the set's images are preprocessed. */
  preprocessing: Preprocessing;
  /** Returns the name in the file of a parameter, `conv1/kernel`. */
  nameOf(parameter: string): string;
  /** Whether the input is blue, green, red, as in Caffe. @default false */
  bgr?: boolean;
  /** Dense layers that the file stores as `[in, out]` instead of `[out, in]`. @default none */
  inOut?: ReadonlySet<string>;
  /** The batch normalization to fold, by layer. @default none */
  batchNorms?: ReadonlyMap<string, BatchNorm>;
}

/** Whether a tensor has floating-point numbers: F32, F16, F64 or BF16. */
export const isFloat = ({ dtype }: FileTensor): boolean => /^B?F\d/.test(dtype);

/**
 * Returns the same layers with the numbers of filters and units of a file.
 *
 * @param head further dense layers, and whether a ReLU comes before each
 * @throws WeightsError if they do not fit together, for example if they are not divisible by
 * groups.
 */
export function resized(
  where: string,
  net: Sequential,
  widths: Readonly<Record<string, number | undefined>>,
  head: readonly { layer: string; relu: boolean }[] = [],
): Sequential {
  const json = net.toJSON() as LayerJSON & { layers: (LayerJSON & { name: string })[] };
  const further = head.flatMap(({ layer: name, relu }) => [
    ...(relu ? [{ name: `relu${Number(name.slice(2)) - 1}`, type: 'relu' }] : []),
    { name, type: 'dense', units: 1 },
  ]);
  const layers = [...json.layers, ...further].map((layer) => {
    const width = widths[layer.name];
    if (width === undefined || (layer.type !== 'conv2d' && layer.type !== 'dense')) return layer;
    return { ...layer, [layer.type === 'dense' ? 'units' : 'filters']: width };
  });
  try {
    const changed = sequentialFromJSON({ ...json, layers });
    changed.params(); // throws if shapes do not fit together
    return changed;
  } catch (error) {
    throw new WeightsError(where, [`shapes must be those of an AlexNet: ${reasonOf(error)}`]);
  }
}

/**
 * Returns the first parameter of the dense layers. The parameters before it are enough to extract
 * features.
 */
export function classifierStart(net: Sequential): string | undefined {
  const dense = net.names.find((name) => net.layers[name]!.type === 'dense');
  return Object.keys(net.params()).find((parameter) => parameter.startsWith(`${dense}/`));
}
