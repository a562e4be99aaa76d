/** From another framework's tensors to those of a set: which is made of which, what is turned, and the table that says so. */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { formatShape, sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from '../format/preprocessing';
import { encode, type Encoded, type StoredType } from '../format/quantize';
import type { FileTensor } from './fileReader';
import { turnConv, turnDense, type Turn } from './transpose';

/** What was done with one tensor of the file. */
export interface ConvertedTensor {
  /** In the file. */
  from: string;
  /** In the set. */
  to: string;
  shape: readonly number[];
  /** How its axes were turned: `OIHW → HWIO`. Empty for what stays. */
  turned: string;
  /** `uint8 codes`, `float32`, … */
  as: string;
}

/** How another framework keeps the weights of a network of this library. */
export interface Foreign {
  /** The network here. */
  net: Sequential;
  /** What a manifest calls it. */
  variant: string;
  /** How the set wants its pictures. */
  preprocessing: Preprocessing;
  /** What the file calls a parameter of ours, `conv1/kernel`. */
  nameOf(parameter: string): string;
  /** Whether the first layer takes blue, green, red, as Caffe's does. @default false */
  bgr?: boolean;
  /** Dense layers that the file keeps as `[in, out]`. @default none: `[out, in]` */
  inOut?: ReadonlySet<string>;
}

/** How the converted weights are stored. */
export interface EncodeOptions {
  /** How kernels are stored. @default 'float32' */
  quantize?: StoredType | undefined;
  /** Told of each tensor as it is done. */
  onTensor?: ((converted: ConvertedTensor) => void) | undefined;
}

/** One line of the table that a conversion prints. */
export const tableRow = ({ from, to, shape, turned, as }: ConvertedTensor): string =>
  `${from.padEnd(24)} ${to.padEnd(14)} ${formatShape(shape).padEnd(19)} ${turned.padEnd(26)} ${as}`;

/** The head of that table. */
export const tableHead = (): string =>
  `${'in the file'.padEnd(24)} ${'in the set'.padEnd(14)} ${'shape'.padEnd(19)} ${'turned'.padEnd(26)} stored as`;

/** The shape of the map that each dense layer behind a `flatten` was flattened from, by the layer's name. */
function flattenedMaps(net: Sequential): Map<string, Shape> {
  const shapes = net.shapes();
  const maps = new Map<string, Shape>();
  let before: Shape = net.inputShape!;
  let map: Shape | undefined;
  for (const name of net.names) {
    const { type } = net.layers[name]!;
    if (type === 'flatten' && before.length === 3)
      map = before; // a vector stays as it is
    else if (type === 'dense' && map) {
      maps.set(name, map);
      map = undefined;
    }
    before = shapes[name]!;
  }
  return maps;
}

/**
 * The same layers with other numbers of filters and units, as a file's shapes say.
 *
 * @throws WeightsError when they do not fit each other: groups that do not divide them.
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
    changed.params(); // shapes that do not fit each other come out here
    return changed;
  } catch (error) {
    throw new WeightsError(where, [`its shapes are not those of an AlexNet: ${reasonOf(error)}`]);
  }
}

interface Step {
  from: string;
  to: string;
  shape: Shape;
  turn: Turn | undefined;
}

/** Shapes are compared without sides of 1: Caffe once wrote 1 × 1 × 4096 × 9216. */
const essence = (shape: Shape): string => shape.filter((side) => side !== 1).join();

function plan(
  { net, nameOf, bgr = false, inOut }: Foreign,
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
): Step[] {
  const maps = flattenedMaps(net);
  const first = net.names.find((name) => net.layers[name]!.type === 'conv2d');
  const steps = Object.entries(net.params()).map(([to, { shape }]) => {
    const [layer, kind] = to.split('/') as [string, string];
    let turn: Turn | undefined;
    if (kind === 'kernel')
      turn =
        shape.length === 4
          ? turnConv(shape, bgr && layer === first)
          : turnDense(shape, maps.get(layer), inOut?.has(layer));
    return { to, from: nameOf(to), shape, turn };
  });
  const problems: string[] = [];
  for (const { from, to, shape, turn } of steps) {
    const stored = tensors.get(from);
    const wanted = turn?.shape ?? shape;
    if (!stored) problems.push(`${from}: ${to} is made of it, and it is not in the file.`);
    else if (essence(stored.shape) !== essence(wanted)) {
      problems.push(
        `${from}: ${to} needs ${formatShape(wanted)}, got ${formatShape(stored.shape)}.`,
      );
    }
  }
  if (problems.length > 0) throw new WeightsError(where, problems);
  return steps;
}

/**
 * The network's tensors from those of the file, one at a time, as they are asked for.
 *
 * @throws WeightsError, before anything is read, that lists every tensor which is missing or has another shape.
 */
export function encodeForeign(
  foreign: Foreign,
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
  options: EncodeOptions = {},
): AsyncGenerator<Encoded, void, undefined> {
  return encodeSteps(plan(foreign, where, tensors), where, tensors, options);
}

async function* encodeSteps(
  steps: readonly Step[],
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
  { quantize = 'float32', onTensor }: EncodeOptions,
): AsyncGenerator<Encoded, void, undefined> {
  for (const { from, to, shape, turn } of steps) {
    const { dtype, values } = tensors.get(from)!;
    const numbers = await values();
    if (!(numbers instanceof Float32Array)) {
      throw new WeightsError(where, [
        `${from}: is stored as ${dtype}; weights are floating-point numbers.`,
      ]);
    }
    if (numbers.length !== sizeOf(shape))
      throw new WeightsError(where, [
        `${from}: has ${numbers.length} numbers, needs ${sizeOf(shape)}.`,
      ]);
    const parts = encode(to, shape, turn ? turn.apply(numbers) : numbers, quantize);
    onTensor?.({ from, to, shape, turned: turn?.name ?? '', as: storedAs(parts, dtype) });
    yield* parts;
  }
}

/** What a row says of how a tensor is stored. */
export function storedAs(parts: readonly Encoded[], dtype: string): string {
  const { entry } = parts.at(-1)!;
  return `${entry.quantization?.dtype ?? 'float32'}${dtype === 'F32' ? '' : ` (from ${dtype})`}`;
}

/** The first parameter of the fully connected layers: what comes before it gives features already. */
export function classifierStart(net: Sequential): string | undefined {
  const dense = net.names.find((name) => net.layers[name]!.type === 'dense');
  return Object.keys(net.params()).find((parameter) => parameter.startsWith(`${dense}/`));
}
