/** The fully connected layer in inference, from its weights as they are stored: one byte each, or floats. */
import { floatsOf, type Codes, type Stored } from '../weights/stored';
import { kept } from './kept';
import type { Place, Step } from './steps';

/** Units that a kernel writes at once; scales and biases are read up to a multiple of them. */
const COLUMNS = 32;
/** Rows of codes that are packed at once. */
const ROWS = 64;

export function fullyConnected(inputs: number, units: number, place: Place): Step {
  const { arena, assembly } = place;
  const bias = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
  place.share(ROWS * units);
  place.share(assembly.codesWorkspace(inputs));
  place.share(assembly.denseWorkspace(1, inputs, units));
  let multiply: (x: number, y: number, rectify: boolean) => void;
  return {
    run(x, y, n, rectify) {
      for (let i = 0; i < n; i++) multiply(x + 4 * i * inputs, y + 4 * i * units, rectify);
    },
    rectifies: true,
    set({ kernel, bias: biases }) {
      arena.put(bias, floatsOf(biases!));
      const from = kernel instanceof Float32Array ? floats(kernel) : codes(kernel as Codes);
      multiply = from.multiply;
      return { kernel: from.again, bias: kept(biases!) };
    },
  };

  function codes({ codes: bytes, scale, min, channelScale }: Codes) {
    const panels = arena.take(assembly.codeBytes(inputs, units));
    const scales = arena.take(4 * COLUMNS * Math.ceil(units / COLUMNS));
    for (let first = 0; first < inputs; first += ROWS) {
      const count = Math.min(ROWS, inputs - first);
      arena.putBytes(place.work(), bytes.subarray(first * units, (first + count) * units));
      assembly.packCodes(place.work(), first, count, inputs, units, panels);
    }
    arena.put(
      scales,
      Float32Array.from({ length: units }, (_, unit) => scale * (channelScale ? channelScale[unit]! : 1)),
    );
    const offset = min / scale + 128;
    return {
      multiply: (x: number, y: number, rectify: boolean) =>
        assembly.multiplyCodes(x, inputs, units, panels, offset, scales, bias, rectify ? 1 : 0, y, place.work()),
      again: () => floatsOf({ codes: unpacked(arena.view(panels, assembly.codeBytes(inputs, units))), scale, min, channelScale }),
    };
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

  function floats(values: Stored & Float32Array) {
    const weights = arena.take(4 * inputs * units);
    arena.put(weights, values);
    return {
      multiply(x: number, y: number, rectify: boolean) {
        assembly.multiplyDense(x, weights, bias, 1, inputs, units, y, place.work());
        if (rectify) assembly.rectify(y, units);
      },
      again: () => arena.floats(weights, inputs * units),
    };
  }
}
