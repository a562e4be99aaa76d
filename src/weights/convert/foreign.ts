/** From another framework's tensors to those of a set: a table of old names, new names and what is turned. */
import { WeightsError } from '../../errors';
import { formatShape, sizeOf, type Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import { encode, type Encoded, type StoredType } from '../quantize';
import type { StoredTensor } from './fileParts';

/** What was done with one tensor of the file. */
export interface ConvertedTensor {
  /** In the file. */
  from: string;
  /** In the set. */
  to: string;
  shape: readonly number[];
  /** `uint8 codes`, `float32`, … */
  as: string;
  /** How its axes were turned: `OIHW → HWIO`. Empty for what stays. */
  turned?: string;
}

/** How another framework keeps the weights of a network of this library. */
export interface Foreign {
  /** What the file calls a parameter of ours, `conv1/kernel`. */
  nameOf(parameter: string): string;
  /** Whether conv1 takes blue, green, red, as Caffe's does. @default false */
  bgr?: boolean;
}

/** Where each number of one of our tensors lies in a file that keeps kernels as `[out, in, height, width]` and `[out, in]`. */
interface Turn {
  name: string;
  /** In the file. */
  shape: Shape;
  apply(values: Float32Array): Float32Array;
}

/** OIHW to HWIO; of a first layer that takes blue, green, red, with its inputs in reverse. */
function turnConv([height, width, inputs, outputs]: readonly [number, number, number, number], bgr: boolean): Turn {
  return {
    name: bgr ? 'OIHW → HWIO, BGR → RGB' : 'OIHW → HWIO',
    shape: [outputs, inputs, height, width],
    apply(values) {
      const turned = new Float32Array(values.length);
      let at = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let i = 0; i < inputs; i++) {
            const from = bgr ? inputs - 1 - i : i;
            for (let o = 0; o < outputs; o++) turned[at++] = values[((o * inputs + from) * height + y) * width + x]!;
          }
        }
      }
      return turned;
    },
  };
}

/** `[out, in]` to `[in, out]`; behind a flattened map the inputs run channels, height, width there, and height, width, channels here. */
function turnDense([inputs, outputs]: readonly [number, number], map: Shape | undefined): Turn {
  const [height, width, channels] = map && map.length === 3 ? (map as [number, number, number]) : [1, 1, inputs];
  const flat = height * width > 1;
  return {
    name: flat ? '[out, CHW] → [HWC, out]' : '[out, in] → [in, out]',
    shape: [outputs, inputs],
    apply(values) {
      const turned = new Float32Array(values.length);
      for (let place = 0; place < height * width; place++) {
        for (let channel = 0; channel < channels; channel++) {
          const to = (place * channels + channel) * outputs;
          const from = channel * height * width + place;
          for (let o = 0; o < outputs; o++) turned[to + o] = values[o * inputs + from]!;
        }
      }
      return turned;
    },
  };
}

/** The shape of the map that each dense layer behind a `flatten` was flattened from, by the layer's name. */
function flattenedMaps(net: Sequential): Map<string, Shape> {
  const shapes = net.shapes();
  const maps = new Map<string, Shape>();
  let before: Shape = net.inputShape!;
  let map: Shape | undefined;
  for (const name of net.names) {
    const { type } = net.layers[name]!;
    if (type === 'flatten') map = before;
    else if (type === 'dense' && map) {
      maps.set(name, map);
      map = undefined;
    }
    before = shapes[name]!;
  }
  return maps;
}

/**
 * The network's tensors from those of the file, one at a time. `onTensor` is told of each.
 *
 * @throws WeightsError that lists every tensor which is missing or has another shape.
 */
export async function encodeForeign(
  net: Sequential,
  where: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  { nameOf, bgr = false }: Foreign,
  { quantize = 'float32', onTensor }: { quantize?: StoredType; onTensor?: ((converted: ConvertedTensor) => void) | undefined } = {},
): Promise<Encoded[]> {
  const maps = flattenedMaps(net);
  const first = net.names.find((name) => net.layers[name]!.type === 'conv2d');
  const plan = Object.entries(net.params()).map(([to, { shape }]) => {
    const [layer, kind] = to.split('/') as [string, string];
    const turn: Turn | undefined =
      kind !== 'kernel'
        ? undefined
        : shape.length === 4
          ? turnConv(shape as unknown as [number, number, number, number], bgr && layer === first)
          : turnDense(shape as unknown as [number, number], maps.get(layer));
    return { to, from: nameOf(to), shape, turn };
  });
  const problems: string[] = [];
  for (const { from, to, shape, turn } of plan) {
    const stored = tensors.get(from);
    const wanted = turn?.shape ?? shape;
    if (!stored) problems.push(`${from}: ${to} is made of it, and it is not in the file.`);
    else if (stored.shape.filter((side) => side !== 1).join() !== wanted.filter((side) => side !== 1).join()) {
      problems.push(`${from}: ${to} needs ${formatShape(wanted)}, got ${formatShape(stored.shape)}.`);
    }
  }
  if (problems.length > 0) throw new WeightsError(where, problems);

  const encoded: Encoded[] = [];
  for (const { from, to, shape, turn } of plan) {
    const { dtype, values } = tensors.get(from)!;
    const numbers = await values();
    if (!(numbers instanceof Float32Array))
      throw new WeightsError(where, [`${from}: is stored as ${dtype}; weights are floating-point numbers.`]);
    if (numbers.length !== sizeOf(shape))
      throw new WeightsError(where, [`${from}: has ${numbers.length} numbers, needs ${sizeOf(shape)}.`]);
    const parts = encode(to, shape, turn ? turn.apply(numbers) : numbers, quantize);
    encoded.push(...parts);
    onTensor?.({ from, to, shape, as: parts.at(-1)!.entry.quantization?.dtype ?? 'float32', turned: turn?.name ?? '' });
  }
  return encoded;
}
