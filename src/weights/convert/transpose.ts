/** Transposes kernels from `[out, in, height, width]` and `[out, in]` to TensorFlow.js' order. */
import type { Shape } from '../../layers/layer';

/** The transposition of one tensor. */
export interface Transpose {
  /** The order of the axes: `OIHW → HWIO`. */
  name: string;
  /** The shape in the file. */
  shape: Shape;
  /** The number of values per output. */
  inputs: number;
  /** The number of outputs: filters or units. */
  outputs: number;
  /**
   * Returns the index in the file of each input of an output; undefined if the order is the same.
   */
  order(): Uint32Array | undefined;
  /** Whether the file has a row per input instead of a row per output. */
  inOut: boolean;
}

/** Transposes OIHW to HWIO; with `bgr`, also reverses the input channels. */
export function transposeConv(shape: Shape, bgr: boolean): Transpose {
  const [height, width, channels, outputs] = shape as [number, number, number, number];
  return {
    name: bgr ? 'OIHW → HWIO, BGR → RGB' : 'OIHW → HWIO',
    shape: [outputs, channels, height, width],
    inputs: height * width * channels,
    outputs,
    order: () => channelsLast(height * width, channels, bgr),
    inOut: false,
  };
}

/**
 * Transposes `[out, in]` (with `inOut`, `[in, out]`) to `[in, out]`. After a flattened `map` it
 * also changes the order of the inputs from channels, height, width to height, width, channels.
 */
export function transposeDense(shape: Shape, map: Shape | undefined, inOut = false): Transpose {
  const [inputs, outputs] = shape as [number, number];
  const [height, width, channels] =
    map?.length === 3 ? (map as [number, number, number]) : [1, 1, inputs];
  const flat = height * width > 1;
  return {
    name: inOut
      ? flat
        ? '[CHW, out] → [HWC, out]'
        : ''
      : flat
        ? '[out, CHW] → [HWC, out]'
        : '[out, in] → [in, out]',
    shape: inOut ? [inputs, outputs] : [outputs, inputs],
    inputs,
    outputs,
    order: () => (flat ? channelsLast(height * width, channels, false) : undefined),
    inOut,
  };
}

/** Returns, for each index in [pixel, channel] order, the index in [channel, pixel] order. */
function channelsLast(pixels: number, channels: number, reversed: boolean): Uint32Array {
  const order = new Uint32Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = reversed ? channels - 1 - channel : channel;
      order[pixel * channels + channel] = from * pixels + pixel;
    }
  }
  return order;
}
