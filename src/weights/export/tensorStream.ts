/**
 * Reads the values of a stored tensor in the order and type of a file, a few megabytes at a time,
 * because a whole tensor can take 151 MB.
 */
import { OptionsError } from '../../errors';
import type { Shape } from '../../layers/layer';
import { toHalf } from '../../platform/float16';
import { encodeUint8 } from '../format/quantize';
import { dequantize, type QuantizedTensor, type StoredTensor } from '../format/storedTensor';

/** Maximum number of values in a block. */
const BLOCK = 2 ** 20;

/** Returns a function that reads one value of a tensor. */
function reader(stored: StoredTensor): (at: number, channel: number) => number {
  if (stored instanceof Float32Array) return (at) => stored[at]!;
  const { values, scale, min, channelScale } = stored;
  if (!channelScale) return (at) => values[at]! * scale + min;
  // Rounded twice, as when loading.
  return (at, channel) => Math.fround(values[at]! * scale + min) * channelScale[channel]!;
}

/**
 * Yields a tensor in memory order, or only the indices `from` to `to` of its last axis (one group
 * of a convolution).
 */
export function* columns(
  stored: StoredTensor,
  width: number,
  [from, to]: readonly [number, number] = [0, width],
): Generator<Float32Array> {
  const at = reader(stored);
  const rows = (stored instanceof Float32Array ? stored : stored.values).length / width;
  const blockRows = Math.max(1, Math.floor(BLOCK / (to - from)));
  for (let first = 0; first < rows; first += blockRows) {
    const block = new Float32Array(Math.min(blockRows, rows - first) * (to - from));
    for (let i = 0, row = first; i < block.length; row++)
      for (let c = from; c < to; c++) block[i++] = at(row * width + c, c);
    yield block;
  }
}

/** Yields a kernel `[height, width, in, out]` as `[out, in, height, width]`. */
export function* transposed(
  stored: StoredTensor,
  [height, width, inputs, outputs]: readonly [number, number, number, number],
): Generator<Float32Array> {
  const at = reader(stored);
  const [pixels, length] = [height * width, height * width * inputs];
  const blockRows = Math.max(1, Math.floor(BLOCK / length));
  for (let first = 0; first < outputs; first += blockRows) {
    const last = Math.min(outputs, first + blockRows);
    const block = new Float32Array((last - first) * length);
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let i = 0; i < inputs; i++) {
        const row = (pixel * inputs + i) * outputs;
        for (let o = first; o < last; o++)
          block[(o - first) * length + i * pixels + pixel] = at(row + o, o);
      }
    }
    yield block;
  }
}

/**
 * Returns the dimensions that `transposed` needs, for the kernel of a convolution or of a dense
 * layer, whose input may be a flattened feature map.
 */
export function kernelDims(
  shape: Shape,
  map: Shape | undefined,
): readonly [number, number, number, number] {
  if (shape.length === 4) return shape as [number, number, number, number];
  const [inputs, outputs] = shape as [number, number];
  const [height, width, channels] =
    map?.length === 3 ? (map as [number, number, number]) : [1, 1, inputs];
  return [height, width, channels, outputs];
}

/**
 * Encodes values as float32 or float16, in little-endian order, which is that of every machine that
 * runs Node or a browser.
 */
export function* asBytes(
  blocks: Iterable<Float32Array>,
  type: 'float32' | 'float16',
  name: string,
): Generator<Uint8Array> {
  for (const block of blocks) {
    if (type === 'float32') yield new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
    else {
      const halves = new Uint16Array(block.length);
      for (let i = 0; i < block.length; i++) {
        if (Math.abs(block[i]!) >= 65520) {
          throw new OptionsError(
            `${name}: float16 values must be at most 65504, got ${block[i]}. Leave out quantize.`,
          ); // it rounds to infinity
        }
        halves[i] = toHalf(block[i]!);
      }
      yield new Uint8Array(halves.buffer);
    }
  }
}

/**
 * Subtracts 128 from quantized values, which makes them int8. Uses a loop, because `from(values,
 * f)` would first create an array of eight bytes per value.
 */
export function* toInt8(values: Uint8Array): Generator<Uint8Array> {
  for (let first = 0; first < values.length; first += BLOCK) {
    const block = values.slice(first, first + BLOCK);
    for (let i = 0; i < block.length; i++) block[i]! ^= 128;
    yield block;
  }
}

/** Values −128 to 127, stored plus 128, and a factor for each output. */
export type ChannelQuantized = QuantizedTensor & { channelScale: Float32Array };

/**
 * Quantizes a tensor to 8 bits with a factor for each output. Returns a tensor that is already
 * stored that way unchanged.
 */
export function channelQuantized(
  name: string,
  shape: Shape,
  stored: StoredTensor,
): ChannelQuantized {
  if (
    !(stored instanceof Float32Array) &&
    stored.channelScale &&
    stored.scale === 1 &&
    stored.min === -128
  )
    return stored as ChannelQuantized;
  const [factors, quantized] = encodeUint8(name, shape, dequantize(stored));
  return {
    values: quantized!.bytes,
    scale: 1,
    min: -128,
    channelScale: new Float32Array(factors!.bytes.buffer),
  };
}
