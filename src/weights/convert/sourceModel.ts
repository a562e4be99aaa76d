/** Converts another framework's tensors to those of a set, and lists them in a table. */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from '../format/preprocessing';
import { KernelEncoder, encode, type Encoded, type StoredType } from '../format/quantize';
import type { FileTensor, Rows } from './fileReader';
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

/** How to convert one tensor. */
interface TensorMapping {
  from: string;
  to: string;
  shape: Shape;
  transpose: Transpose | undefined;
  /** The batch normalization to fold into it. */
  batchNorm: BatchNorm | undefined;
}

/** Whether a tensor has floating-point numbers: F32, F16, F64 or BF16. */
export const isFloat = ({ dtype }: FileTensor): boolean => /^B?F\d/.test(dtype);

/** Shapes are compared without axes of length 1: old Caffe wrote 1 × 1 × 4096 × 9216. */
const squeezed = (shape: Shape): string => shape.filter((side) => side !== 1).join();

function mapTensors(
  { net, nameOf, bgr = false, inOut, batchNorms }: SourceModel,
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
    return { to, from: nameOf(to), shape, transpose, batchNorm: batchNorms?.get(layer) };
  });
  const problems: string[] = [];
  const check = (name: string, wanted: Shape, to: string) => {
    const stored = tensors.get(name);
    if (!stored) problems.push(`${name}: must be in the file, since ${to} is read from it.`);
    else if (squeezed(stored.shape) !== squeezed(wanted)) {
      problems.push(
        `${name}: shape must be ${formatShape(wanted)} for ${to}, got ${formatShape(stored.shape)}.`,
      );
    } else if (!isFloat(stored)) {
      problems.push(
        `${name}: must be stored as floating-point numbers, got ${stored.dtype}. Save the float model.`,
      );
    }
  };
  for (const { from, to, shape, transpose, batchNorm } of mappings) {
    if (tensors.has(from) || !batchNorm || transpose) check(from, transpose?.shape ?? shape, to); // a layer before batch normalization often has no bias
    if (!batchNorm || transpose) continue;
    const { factor, shift, mean, variance } = batchNorm;
    for (const name of [factor, shift, mean, variance])
      if (name !== undefined) check(name, shape, to);
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
  const reader = { where, tensors };
  for (const { from, to, shape, transpose, batchNorm } of mappings) {
    const affine = batchNorm && (await foldedFactors(batchNorm, reader));
    let parts: Encoded[];
    if (transpose) {
      const encoder = new KernelEncoder(to, shape, quantize);
      await encodeKernel(encoder, from, transpose, affine?.factor, reader);
      parts = encoder.finish();
    } else {
      const stored = tensors.has(from)
        ? await floatsOf(from, reader)
        : new Float32Array(sizeOf(shape));
      const values = affine
        ? stored.map((value, i) => (value - affine.mean[i]!) * affine.factor[i]! + affine.shift[i]!)
        : stored;
      parts = encode(to, shape, values, quantize);
    }
    const transposed = [transpose?.name ?? '', batchNorm ? 'batch normalization folded' : ''];
    onTensor?.({
      ...{ from, to, shape, transposed: transposed.filter(Boolean).join(', ') },
      as: storedAs(parts, tensors.get(from)?.dtype ?? 'F32'),
    });
    yield* parts;
  }
}

/** The tensors of a file, and its name for error messages. */
interface TensorReader {
  where: string;
  tensors: ReadonlyMap<string, FileTensor>;
}

/** Reads a tensor, or some rows of it. */
async function floatsOf(
  name: string,
  { where, tensors }: TensorReader,
  rows?: Rows,
): Promise<Float32Array> {
  const { shape, values } = tensors.get(name)!;
  const numbers = (await values(rows)) as Float32Array; // see mapTensors
  const count = rows ? (rows.end - rows.start) * sizeOf(shape.slice(1)) : sizeOf(shape);
  if (numbers.length !== count)
    throw new WeightsError(where, [`${name}: must have ${count} values, got ${numbers.length}.`]);
  return numbers;
}

/** Number of values to read at a time: 4 MB. */
const VALUES_AT_ONCE = 2 ** 20;

/**
 * Reads and transposes a kernel a few output channels at a time, so that the float32 values of fc6,
 * 151 MB, are never in memory.
 */
async function encodeKernel(
  encoder: KernelEncoder,
  from: string,
  transpose: Transpose,
  factors: Float64Array | undefined,
  reader: TensorReader,
): Promise<void> {
  const { inputs, outputs, inOut } = transpose;
  const shape = reader.tensors.get(from)!.shape;
  const order = transpose.order();
  const whole = inOut || shape[0] !== outputs ? await floatsOf(from, reader) : undefined; // old Caffe: 1 × 1 × out × in
  const most = Math.max(1, Math.min(outputs, Math.floor(VALUES_AT_ONCE / inputs)));
  for (let start = 0; start < outputs; start += most) {
    const end = Math.min(outputs, start + most);
    const rows = whole
      ? inOut
        ? columns(whole, outputs, start, end)
        : whole.subarray(start * inputs, end * inputs)
      : await floatsOf(from, reader, { start, end });
    const values = new Float32Array(rows.length);
    for (let row = 0; row < end - start; row++) {
      const factor = factors?.[start + row] ?? 1;
      const at = row * inputs;
      for (let i = 0; i < inputs; i++)
        values[at + i] = rows[at + (order ? order[i]! : i)]! * factor;
    }
    encoder.put(start, values);
  }
}

/** Returns columns of a matrix as rows. */
function columns(matrix: Float32Array, width: number, start: number, end: number): Float32Array {
  const height = matrix.length / width;
  const rows = new Float32Array((end - start) * height);
  for (let i = 0; i < height; i++)
    for (let column = start; column < end; column++)
      rows[(column - start) * height + i] = matrix[i * width + column]!;
  return rows;
}

/** Returns batch normalization as an affine map: `(value − mean) · factor + shift`. */
async function foldedFactors(
  { factor, shift, mean, variance, epsilon }: BatchNorm,
  reader: TensorReader,
): Promise<{ mean: Float32Array; factor: Float64Array; shift: Float32Array }> {
  const variances = await floatsOf(variance, reader);
  const [factors, shifts] = [factor, shift].map((name) => name && floatsOf(name, reader));
  const scale = (await factors) || undefined;
  return {
    mean: await floatsOf(mean, reader),
    factor: Float64Array.from(
      variances,
      (each, i) => (scale ? scale[i]! : 1) / Math.sqrt(each + epsilon),
    ),
    shift: (await shifts) || new Float32Array(variances.length),
  };
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
