/** The fully connected layer in inference, from its weights as they are stored: one byte each, or floats. */
import { floatsOf, type Codes } from '../weights/stored';
import { kept } from './kept';
import type { Place, Step } from './steps';

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

/** Whether so many weights are exactly zero, by a sample. */
function isSparse({ codes, scale, min }: Codes, units: number): boolean {
  const zero = -min / scale;
  if (!Number.isInteger(zero) || zero < 0 || zero > 255 || units > MOST_GATHERED) return false;
  let [zeros, count] = [0, 0];
  for (let i = 0; i < codes.length; i += 97, count++) if (codes[i] === zero) zeros++;
  return zeros > SPARSE * count;
}

export function fullyConnected(inputs: number, units: number, place: Place): Step {
  const { arena, assembly, crew } = place;
  const bias = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
  place.share(ROWS * units + assembly.gatheredBytes(ROWS, units) + assembly.gatherBytes.value + 64);
  place.share(assembly.codesWorkBytes.value + assembly.listBytes(inputs));
  place.share(4 * assembly.sumsBytes(MOST_PARTS, units));
  let multiply: (x: number, y: number, n: number, rectify: boolean) => void;
  return {
    run: (x, y, n, rectify) => multiply(x, y, n, rectify),
    rectifies: true,
    set({ kernel, bias: biases }) {
      arena.put(bias, floatsOf(biases!));
      const from = kernel instanceof Float32Array ? floats(kernel) : isSparse(kernel!, units) ? sparse(kernel!) : codes(kernel!);
      multiply = from.multiply;
      return { kernel: from.again, bias: kept(biases!) };
    },
  };

  /** Vectors one after the other. */
  function each(one: (x: number, y: number, rectify: boolean) => void) {
    return (x: number, y: number, n: number, rectify: boolean) => {
      for (let i = 0; i < n; i++) one(x + 4 * i * inputs, y + 4 * i * units, rectify);
    };
  }

  function codes({ codes: bytes, scale, min, channelScale }: Codes) {
    const panels = arena.take(assembly.codeBytes(inputs, units));
    const scales = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
    for (let first = 0; first < inputs; first += ROWS) {
      const count = Math.min(ROWS, inputs - first);
      arena.putBytes(place.work(), bytes.subarray(first * units, (first + count) * units));
      assembly.packCodes(place.work(), first, count, inputs, units, panels);
    }
    putScales(scales, scale, channelScale);
    const offset = min / scale + 128;
    return {
      multiply: each((x, y, rectify) => {
        const list = place.work() + assembly.codesWorkBytes.value; // all threads read it, each works in what is before its own
        assembly.listInputs(x, inputs, list);
        const blocks = Math.ceil(units / COLUMNS);
        crew.each('multiplyCodes', blocks, 1, list, inputs, units, panels, offset, scales, bias, rectify ? 1 : 0, y);
      }),
      again: () => floatsOf({ codes: unpacked(arena.view(panels, assembly.codeBytes(inputs, units))), scale, min, channelScale }),
    };
  }

  function putScales(to: number, scale: number, channelScale: Float32Array | undefined): void {
    arena.put(
      to,
      Float32Array.from({ length: units }, (_, unit) => scale * (channelScale ? channelScale[unit]! : 1)),
    );
  }

  function sparse({ codes: bytes, scale, min, channelScale }: Codes) {
    const zero = -min / scale;
    const table = arena.take(8 * inputs);
    const scales = arena.take(4 * units);
    for (let first = 0; first < inputs; first += ROWS) {
      const count = Math.min(ROWS, inputs - first);
      const room = place.work() + Math.ceil((ROWS * units) / 16) * 16;
      const counts = room + assembly.gatheredBytes(ROWS, units);
      arena.putBytes(place.work(), bytes.subarray(first * units, (first + count) * units));
      const start = arena.next;
      const used = assembly.gatherRows(place.work(), count, units, zero, room, start, table + 8 * first, counts);
      arena.putBytes(arena.take(used), arena.view(room, used));
    }
    putScales(scales, scale, channelScale);
    return {
      multiply(x: number, y: number, n: number, rectify: boolean) {
        const parts = crew.size === 1 ? 1 : Math.min(MOST_PARTS, 2 * crew.size);
        const [sums, after] = [place.work(), [units, scales, bias, rectify ? 1 : 0] as const];
        for (let i = 0; i < n; i += 4) {
          const [few, from, to] = [Math.min(4, n - i), x + 4 * i * inputs, y + 4 * i * units];
          if (few === 1) {
            crew.each('sumSparse', parts, 1, from, inputs, units, table, parts, sums);
            assembly.joinSums(sums, parts, ...after, to);
          } else {
            crew.each('sumSparseOfFour', parts, 1, from, 4 * inputs, few, inputs, units, table, parts, sums);
            assembly.joinSumsOfFour(sums, parts, few, ...after, to);
          }
        }
      },
      again: () => floatsOf({ codes: spread(table, zero), scale, min, channelScale }),
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

  function floats(values: Float32Array) {
    const weights = arena.take(4 * inputs * units);
    arena.put(weights, values);
    return {
      multiply: each((x, y, rectify) => {
        crew.each('multiplyRow', units, COLUMNS, x, weights, bias, inputs, units, rectify ? 1 : 0, y);
      }),
      again: () => arena.floats(weights, inputs * units),
    };
  }
}
