/** Converts another framework's tensors to those of a set, and lists them in a table. */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from '../format/preprocessing';
import { encode, type Encoded, type StoredType } from '../format/quantize';
import type { FileTensor } from './fileReader';
import { transposeConv, transposeDense, type Transpose } from './transpose';

/** How one tensor of a file was converted. */
export interface ConvertedTensor {
  /** The name in the file. */
  from: string;
  /** The name in the set. */
  to: string;
  shape: readonly number[];
  /** How the axes were transposed: `OIHW → HWIO`. Empty if they were not. */
  transposed: string;
  /** How it is stored: `uint8`, `float32`, … */
  as: string;
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
}

/** How the converted weights are stored. */
export interface EncodeOptions {
  /** How kernels are stored. @default 'float32' */
  quantize?: StoredType | undefined;
  /** Called after each tensor. */
  onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}

/** Returns a tensor's row of the table that a conversion prints. */
export const tableRow = ({ from, to, shape, transposed, as }: ConvertedTensor): string =>
  `${from.padEnd(24)} ${to.padEnd(14)} ${formatShape(shape).padEnd(19)} ${transposed.padEnd(26)} ${as}`;

/** Returns the header of that table. */
export const tableHead = (): string =>
  `${'in the file'.padEnd(24)} ${'in the set'.padEnd(14)} ${'shape'.padEnd(19)} ${'transposed'.padEnd(26)} stored as`;

/**
 * Returns the shape of the feature map that each dense layer after a `flatten` receives, by name.
 */
function flattenedMaps(net: Sequential): Map<string, Shape> {
  const shapes = net.shapes();
  const maps = new Map<string, Shape>();
  let before: Shape = net.inputShape!;
  let map: Shape | undefined;
  for (const name of net.names) {
    const { type } = net.layers[name]!;
    if (type === 'flatten' && before.length === 3)
      map = before; // flattening a vector has no effect
    else if (type === 'dense' && map) {
      maps.set(name, map);
      map = undefined;
    }
    before = shapes[name]!;
  }
  return maps;
}

/**
 * Returns the same layers with the numbers of filters and units of a file.
 *
 * @throws WeightsError if these do not fit together, e.g. are not divisible by the groups.
 */
export function resized(
  where: string,
  net: Sequential,
  widths: Readonly<Record<string, number | undefined>>,
): Sequential {
  const json = net.toJSON() as LayerJSON & { layers: (LayerJSON & { name: string })[] };
  const layers = json.layers.map((layer) => {
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

/** How to convert one tensor. */
interface TensorMapping {
  from: string;
  to: string;
  shape: Shape;
  transpose: Transpose | undefined;
}

/** Shapes are compared without axes of length 1: old Caffe wrote 1 × 1 × 4096 × 9216. */
const squeezed = (shape: Shape): string => shape.filter((side) => side !== 1).join();

function mapTensors(
  { net, nameOf, bgr = false, inOut }: SourceModel,
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
): TensorMapping[] {
  const maps = flattenedMaps(net);
  const first = net.names.find((name) => net.layers[name]!.type === 'conv2d');
  const mappings = Object.entries(net.params()).map(([to, { shape }]) => {
    const [layer, kind] = to.split('/') as [string, string];
    let transpose: Transpose | undefined;
    if (kind === 'kernel')
      transpose =
        shape.length === 4
          ? transposeConv(shape, bgr && layer === first)
          : transposeDense(shape, maps.get(layer), inOut?.has(layer));
    return { to, from: nameOf(to), shape, transpose };
  });
  const problems: string[] = [];
  for (const { from, to, shape, transpose } of mappings) {
    const stored = tensors.get(from);
    const wanted = transpose?.shape ?? shape;
    if (!stored) problems.push(`${from}: must be in the file, since ${to} is read from it.`);
    else if (squeezed(stored.shape) !== squeezed(wanted)) {
      problems.push(
        `${from}: shape must be ${formatShape(wanted)} for ${to}, got ${formatShape(stored.shape)}.`,
      );
    }
  }
  if (problems.length > 0) throw new WeightsError(where, problems);
  return mappings;
}

/**
 * Yields the network's tensors, converted from those of the file one at a time.
 *
 * @throws WeightsError listing every missing or misshaped tensor, before anything is read.
 */
export function encodeSourceModel(
  source: SourceModel,
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
  options: EncodeOptions = {},
): AsyncGenerator<Encoded, void, undefined> {
  return encodeMappings(mapTensors(source, where, tensors), where, tensors, options);
}

async function* encodeMappings(
  mappings: readonly TensorMapping[],
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
  { quantize = 'float32', onTensor }: EncodeOptions,
): AsyncGenerator<Encoded, void, undefined> {
  for (const { from, to, shape, transpose } of mappings) {
    const { dtype, values } = tensors.get(from)!;
    const numbers = await values();
    if (!(numbers instanceof Float32Array)) {
      throw new WeightsError(where, [
        `${from}: must be stored as floating-point numbers, got ${dtype}.`,
      ]);
    }
    if (numbers.length !== sizeOf(shape))
      throw new WeightsError(where, [
        `${from}: must have ${sizeOf(shape)} values, got ${numbers.length}.`,
      ]);
    const parts = encode(to, shape, transpose ? transpose.apply(numbers) : numbers, quantize);
    onTensor?.({ from, to, shape, transposed: transpose?.name ?? '', as: storedAs(parts, dtype) });
    yield* parts;
  }
}

/** Returns the last column of the table: how a tensor is stored. */
export function storedAs(parts: readonly Encoded[], dtype: string): string {
  const { entry } = parts.at(-1)!;
  return `${entry.quantization?.dtype ?? 'float32'}${dtype === 'F32' ? '' : ` (from ${dtype})`}`;
}

/**
 * Returns the first parameter of the dense layers. The parameters before it are enough to extract
 * features.
 */
export function classifierStart(net: Sequential): string | undefined {
  const dense = net.names.find((name) => net.layers[name]!.type === 'dense');
  return Object.keys(net.params()).find((parameter) => parameter.startsWith(`${dense}/`));
}
