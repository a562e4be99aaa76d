/** Computes the logits of converted files, for comparison with PyTorch and ONNX Runtime. */
import { engine, setBackend, tensor, tidy } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { sequentialFromJSON } from '../../src/layers/fromJSON';
import { sizeOf } from '../../src/layers/layer';
import type { FileParts } from '../../src/weights/convert/fileReader';
import type { Converted } from '../../src/weights/convert/recipe';
import { writeSet } from '../../src/weights/save/write';
import { formula } from './formula';
import reference from '../fixtures/converters.json';
import { pickedFiles, readAll } from './tinySet';

/** Returns bytes as a file that is read in parts. */
export const partsOf = (name: string, bytes: Uint8Array): FileParts => ({
  name,
  size: bytes.length,
  read: async (start, end) => new Uint8Array(bytes.subarray(start, end)),
});

/** Opens a fixture file. */
export async function fixture(name: string): Promise<FileParts> {
  const path = new URL(`../fixtures/converters/${name}`, import.meta.url);
  return partsOf(basename(path.pathname), new Uint8Array(await readFile(path)));
}

/** Returns the logits of the fixtures' two images, reading the weights like `load()`. */
export async function logitsOf(
  { facts, tensors }: Converted,
  scale: number,
  bgr: boolean,
): Promise<number[][]> {
  await setBackend('cpu');
  const set = await writeSet(facts, tensors, { compress: false });
  const params = await readAll(pickedFiles(set));
  const net = sequentialFromJSON(facts.network);
  const side = net.inputShape![0]!;
  const specs = net.params();
  return tidy(() => {
    const planes = formula(`converters.${side}`, 2 * 3 * side * side, scale);
    const pixels = new Float32Array(planes.length);
    for (let picture = 0; picture < 2; picture++) {
      for (let channel = 0; channel < 3; channel++) {
        for (let i = 0; i < side * side; i++) {
          pixels[(picture * side * side + i) * 3 + (bgr ? 2 - channel : channel)] =
            planes[(picture * 3 + channel) * side * side + i]!;
        }
      }
    }
    const x = tensor(pixels, [2, side, side, 3]);
    const learnt = Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [name, tensor(params[name]!, [...shape])]),
    );
    const y = net.apply(x, learnt).arraySync() as number[][];
    if (engine().backendName !== 'cpu') throw new Error('another backend computed');
    return y;
  });
}

/** Returns the largest difference relative to the largest reference value. */
export function relativeError(
  got: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
): number {
  const largest = Math.max(...wanted.flat().map(Math.abs));
  const worst = Math.max(
    ...wanted.flatMap((row, i) => row.map((value, j) => Math.abs(value - got[i]![j]!))),
  );
  return worst / largest;
}

const FILTER_SIZES = [11, 5, 3, 3, 3];

/** Returns kernels and biases of a narrow Caffe AlexNet, in Caffe's layout. */
export function caffeWeights(): Record<
  string,
  { kernel: { shape: number[]; values: Float32Array }; bias: Float32Array }
> {
  const { filters, units } = reference;
  const shapes: [string, number[]][] = filters.map((width, i) => {
    const channels = i === 0 ? 3 : filters[i - 1]! / ([1, 3, 4].includes(i) ? 2 : 1);
    return [`conv${i + 1}`, [width, channels, FILTER_SIZES[i]!, FILTER_SIZES[i]!]];
  });
  shapes.push(['fc6', [units, filters[4]! * 36]], ['fc7', [units, units]], ['fc8', [5, units]]);
  return Object.fromEntries(
    shapes.map(([name, shape]) => [
      name,
      {
        kernel: {
          shape,
          values: formula(`caffe.${name}.w`, sizeOf(shape), Math.sqrt(6 / sizeOf(shape.slice(1)))),
        },
        bias: formula(`caffe.${name}.b`, shape[0]!, 0.1),
      },
    ]),
  );
}
