/** Converts another framework's tensors to those of a set of weights, one at a time. */
import { WeightsError } from '../../errors';
import { formatShape, sizeOf, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { KernelEncoder, encode, type Encoded, type StoredType } from '../format/quantize';
import { storedAs, type ConvertedTensor } from './conversionTable';
import type { FileTensor, Rows } from './fileReader';
import { isFloat, type BatchNorm, type SourceModel } from './sourceModel';
import { transposeConv, transposeDense, type Transpose } from './transpose';

/** How the converted weights are stored. */
export interface EncodeOptions {
  /** How kernels are stored. @default 'float32' */
  quantize?: StoredType | undefined;
  /** Called after each tensor. */
  onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}

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

/** How to convert one tensor. */
interface TensorMapping {
  from: string;
  to: string;
  shape: Shape;
  transpose: Transpose | undefined;
  /** The batch normalization to fold into it. */
  batchNorm: BatchNorm | undefined;
}

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
