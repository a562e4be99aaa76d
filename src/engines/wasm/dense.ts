/** The fully connected layer in inference, from its weights as they are stored: one byte each, or floats. */
import {
  dequantize,
  type QuantizedTensor,
  type StoredTensor,
} from '../../weights/format/storedTensor';
import type { Quantization } from '../../weights/format/manifest';
import { kept } from './storedFloats';
import type { Place, Step } from './ops';

/** Units that a kernel writes at once; scales and biases are read up to a multiple of them. */
const COLUMNS = 32;
/** Sums of pruned weights that several threads make, each of some of the inputs. */
const MOST_PARTS = 16;
/** Rows of codes that are packed at once. */
const ROWS = 64;
/** Share of weights that are zero from which on it is faster, and smaller, to gather the others. */
const SPARSE = 0.75;

/** Units that two bytes tell apart. */
const MOST_GATHERED = 65535;

type Multiply = (x: number, y: number, n: number, rectify: boolean) => void;

/** A kernel in the form that it is multiplied in. */
interface Packing {
  /** Takes its stored bytes in parts, in order. */
  take(part: Uint8Array): void;
  /** Called once all are there: answers how to have the kernel again. */
  end(kernel: StoredTensor): () => Float32Array;
  multiply: Multiply;
}

/** Codes in such a form, whose rows are packed some at a time, in order. */
interface Packed {
  pack(rows: Uint8Array, first: number, count: number): void;
  /** Where the factor of each unit goes. */
  scales: number;
  multiply: Multiply;
  /** The codes again, as they lay in the tensor. */
  codes(): Uint8Array;
}

/** Whether so many weights are exactly zero, by a sample. */
function isSparse(codes: Uint8Array, zero: number, units: number): boolean {
  if (!Number.isInteger(zero) || zero < 0 || zero > 255 || units > MOST_GATHERED) return false;
  let [zeros, count] = [0, 0];
  for (let i = 0; i < codes.length; i += 97, count++) if (codes[i] === zero) zeros++;
  return zeros > SPARSE * count;
}

export function fullyConnected(inputs: number, units: number, place: Place): Step {
  const { arena, assembly, crew } = place;
  const bias = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
  place.share(
    ROWS * units + assembly.sparseRowBytes(ROWS, units) + assembly.sparseWorkBytes.value + 64,
  );
  place.share(assembly.quantizedWorkBytes.value + assembly.inputListBytes(inputs));
  place.share(4 * assembly.partialSumBytes(MOST_PARTS, units));
  let packing: Packing | undefined;
  return {
    run: (x, y, n, rectify) => packing!.multiply(x, y, n, rectify),
    rectifies: true,
    sinkFor(quantization) {
      if (quantization && quantization.dtype !== 'uint8') return undefined;
      return (packing = quantization ? codes(quantization) : floats()).take;
    },
    set({ kernel, bias: biases }) {
      arena.put(bias, biases!);
      packing ??= whole(kernel!);
      return { kernel: packing.end(kernel!), bias: kept(biases!) };
    },
  };

  /** Of a kernel that is there at once. */
  function whole(kernel: StoredTensor): Packing {
    const isFloats = kernel instanceof Float32Array;
    const made = isFloats ? floats() : codes(kernel, kernel.values);
    made.take(
      isFloats
        ? new Uint8Array(kernel.buffer, kernel.byteOffset, kernel.byteLength)
        : kernel.values,
    );
    return made;
  }

  /** Vectors one after the other. */
  function each(one: (x: number, y: number, rectify: boolean) => void): Multiply {
    return (x, y, n, rectify) => {
      for (let i = 0; i < n; i++) one(x + 4 * i * inputs, y + 4 * i * units, rectify);
    };
  }

  /** `sample` tells whether they are pruned; by itself the first rows do. */
  function codes(
    { scale = 1, min = 0 }: Pick<Quantization, 'scale' | 'min'>,
    sample?: Uint8Array,
  ): Packing {
    const rows = new Uint8Array(Math.min(ROWS, inputs) * units);
    let [first, filled] = [0, 0];
    let packed: Packed | undefined;
    return {
      take(part) {
        for (let at = 0; at < part.length;) {
          const count = Math.min(ROWS, inputs - first);
          const some = part.subarray(at, at + count * units - filled);
          rows.set(some, filled);
          at += some.length;
          filled += some.length;
          if (filled < count * units) return;
          packed ??= isSparse(sample ?? rows, -min / scale, units)
            ? sparse(-min / scale)
            : dense(min / scale + 128);
          packed.pack(rows.subarray(0, filled), first, count);
          first += count;
          filled = 0;
        }
      },
      end(kernel) {
        const { channelScale } = kernel as QuantizedTensor;
        const { scales, codes: again } = packed!;
        arena.put(
          scales,
          Float32Array.from(
            { length: units },
            (_, unit) => scale * (channelScale ? channelScale[unit]! : 1),
          ),
        );
        return () => dequantize({ values: again(), scale, min, channelScale });
      },
      multiply: (x, y, n, rectify) => packed!.multiply(x, y, n, rectify),
    };
  }

  function dense(offset: number): Packed {
    const panels = arena.take(assembly.quantizedPanelBytes(inputs, units));
    const scales = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
    return {
      scales,
      pack(rows, first, count) {
        arena.putBytes(place.work(), rows);
        assembly.packQuantized(place.work(), first, count, inputs, units, panels);
      },
      multiply: each((x, y, rectify) => {
        const list = place.work() + assembly.quantizedWorkBytes.value; // all threads read it, each works in what is before its own
        assembly.listInputs(x, inputs, list);
        const blocks = Math.ceil(units / COLUMNS);
        crew.each(
          'denseQuantized',
          blocks,
          1,
          list,
          inputs,
          units,
          panels,
          offset,
          scales,
          bias,
          rectify ? 1 : 0,
          y,
        );
      }),
      codes: () => unpacked(arena.view(panels, assembly.quantizedPanelBytes(inputs, units))),
    };
  }

  function sparse(zero: number): Packed {
    const table = arena.take(8 * inputs);
    const scales = arena.take(4 * units);
    return {
      scales,
      pack(rows, first, count) {
        const room = place.work() + Math.ceil((ROWS * units) / 16) * 16;
        const counts = room + assembly.sparseRowBytes(ROWS, units);
        arena.putBytes(place.work(), rows);
        const start = arena.next;
        const used = assembly.packSparseRows(
          place.work(),
          count,
          units,
          zero,
          room,
          start,
          table + 8 * first,
          counts,
        );
        arena.putBytes(arena.take(used), arena.view(room, used));
      },
      multiply(x, y, n, rectify) {
        const parts = crew.size === 1 ? 1 : Math.min(MOST_PARTS, 2 * crew.size);
        const [sums, after] = [place.work(), [units, scales, bias, rectify ? 1 : 0] as const];
        for (let i = 0; i < n; i += 4) {
          const [few, from, to] = [Math.min(4, n - i), x + 4 * i * inputs, y + 4 * i * units];
          if (few === 1) {
            crew.each('denseSparse', parts, 1, from, inputs, units, table, parts, sums);
            assembly.reduceSums(sums, parts, ...after, to);
          } else {
            crew.each(
              'denseSparseOf4',
              parts,
              1,
              from,
              4 * inputs,
              few,
              inputs,
              units,
              table,
              parts,
              sums,
            );
            assembly.reduceSumsOf4(sums, parts, few, ...after, to);
          }
        }
      },
      codes: () => spread(table, zero),
    };
  }

  /** The codes from their groups, as they lay in the tensor. */
  function spread(table: number, zero: number): Uint8Array {
    const all = new Uint8Array(inputs * units).fill(zero);
    const view = arena.data();
    for (let k = 0; k < inputs; k++) {
      const end = view.getUint32(table + 8 * k + 4, true);
      for (let at = view.getUint32(table + 8 * k, true); at < end;) {
        const code = view.getInt16(at, true) + zero;
        const stop = at + 4 + 2 * view.getUint16(at + 2, true);
        for (at += 4; at < stop; at += 2) all[k * units + view.getUint16(at, true)] = code;
      }
    }
    return all;
  }

  /** The codes from their panels, as they lay in the tensor. */
  function unpacked(panels: Uint8Array): Uint8Array {
    const all = new Uint8Array(inputs * units);
    for (let column = 0; column < units; column += COLUMNS) {
      const width = Math.min(COLUMNS, units - column);
      for (let k = 0; k < inputs; k++) {
        const from = column * inputs + k * COLUMNS;
        for (let j = 0; j < width; j++) all[k * units + column + j] = panels[from + j]! ^ 0x80;
      }
    }
    return all;
  }

  function floats(): Packing {
    const weights = arena.take(4 * inputs * units);
    let end = weights;
    return {
      take(part) {
        arena.putBytes(end, part);
        end += part.length;
      },
      end: () => () => arena.floats(weights, inputs * units),
      multiply: each((x, y, rectify) => {
        crew.each('dense', units, COLUMNS, x, weights, bias, inputs, units, rectify ? 1 : 0, y);
      }),
    };
  }
}
