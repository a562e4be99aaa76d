/** Transposes kernels from `[out, in, height, width]` and `[out, in]` to TensorFlow.js' order. */
import type { Shape } from '../../layers/layer';

/** The transposition of one tensor. */
export interface Transpose {
  /** The order of the axes: `OIHW → HWIO`. */
  name: string;
  /** The shape in the file. */
  shape: Shape;
  apply(values: Float32Array): Float32Array;
}

/** Transposes OIHW to HWIO; with `bgr`, also reverses the input channels. */
export function transposeConv(shape: Shape, bgr: boolean): Transpose {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  return {
    name: bgr ? 'OIHW → HWIO, BGR → RGB' : 'OIHW → HWIO',
    shape: [outputs, inputs, height, width],
    apply(values) {
      const transposed = new Float32Array(values.length);
      let at = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let i = 0; i < inputs; i++) {
            const from = bgr ? inputs - 1 - i : i;
            for (let o = 0; o < outputs; o++)
              transposed[at++] = values[((o * inputs + from) * height + y) * width + x]!;
          }
        }
      }
      return transposed;
    },
  };
}

/**
 * Transposes `[out, in]` (with `inOut`, `[in, out]`) to `[in, out]`. After a flattened `map` it
 * also changes the order of the inputs from channels, height, width to height, width, channels.
 * Returns undefined if nothing changes.
 */
export function transposeDense(
  shape: Shape,
  map: Shape | undefined,
  inOut = false,
): Transpose | undefined {
  const [inputs, outputs] = shape as [number, number];
  const [height, width, channels] =
    map?.length === 3 ? (map as [number, number, number]) : [1, 1, inputs];
  const flat = height * width > 1;
  if (inOut && !flat) return undefined;
  const [perInput, perOutput] = inOut ? [outputs, 1] : [1, inputs];
  return {
    name: inOut
      ? '[CHW, out] → [HWC, out]'
      : flat
        ? '[out, CHW] → [HWC, out]'
        : '[out, in] → [in, out]',
    shape: inOut ? [inputs, outputs] : [outputs, inputs],
    apply(values) {
      const transposed = new Float32Array(values.length);
      let at = 0;
      for (let pixel = 0; pixel < height * width; pixel++) {
        for (let channel = 0; channel < channels; channel++) {
          const from = (channel * height * width + pixel) * perInput;
          for (let o = 0; o < outputs; o++) transposed[at++] = values[from + o * perOutput]!;
        }
      }
      return transposed;
    },
  };
}
