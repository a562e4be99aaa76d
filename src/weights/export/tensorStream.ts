/**
 * The numbers of a stored tensor in the order and type that a file wants, some megabytes at a time:
 * a whole one may have 151 MB.
 */
import { OptionsError } from '../../errors';
import type { Shape } from '../../layers/layer';
import { toHalf } from '../../platform/float16';
import { encodeUint8 } from '../format/quantize';
import { dequantize, type QuantizedTensor, type StoredTensor } from '../format/storedTensor';

/** Numbers in a block. */
const BLOCK = 2 ** 20;

/** Reads one number of a tensor after the other. */
function reader(stored: StoredTensor): (at: number, channel: number) => number {
  if (stored instanceof Float32Array) return (at) => stored[at]!;
  const { values: codes, scale, min, channelScale } = stored;
  if (!channelScale) return (at) => codes[at]! * scale + min;
  return (at, channel) => Math.fround(codes[at]! * scale + min) * channelScale[channel]!; // rounded twice, as `floatsOf` does
}

/**
 * A tensor as it lies in memory, or the columns `from` to `to` of its last axis: one group of a
 * convolution.
 */
export function* columns(
  stored: StoredTensor,
  width: number,
  [from, to]: readonly [number, number] = [0, width],
): Generator<Float32Array> {
  const at = reader(stored);
  const rows = (stored instanceof Float32Array ? stored : stored.values).length / width;
  const some = Math.max(1, Math.floor(BLOCK / (to - from)));
  for (let first = 0; first < rows; first += some) {
    const block = new Float32Array(Math.min(some, rows - first) * (to - from));
    for (let i = 0, row = first; i < block.length; row++)
      for (let c = from; c < to; c++) block[i++] = at(row * width + c, c);
    yield block;
  }
}

/** A kernel `[height, width, in, out]` as `[out, in, height, width]`. */
export function* transposed(
  stored: StoredTensor,
  [height, width, inputs, outputs]: readonly [number, number, number, number],
): Generator<Float32Array> {
  const at = reader(stored);
  const [places, length] = [height * width, height * width * inputs];
  const some = Math.max(1, Math.floor(BLOCK / length));
  for (let first = 0; first < outputs; first += some) {
    const last = Math.min(outputs, first + some);
    const block = new Float32Array((last - first) * length);
    for (let place = 0; place < places; place++) {
      for (let i = 0; i < inputs; i++) {
        const row = (place * inputs + i) * outputs;
        for (let o = first; o < last; o++)
          block[(o - first) * length + i * places + place] = at(row + o, o);
      }
    }
    yield block;
  }
}

/**
 * The sides that `transposed` takes, of a kernel of a convolution or, behind a flattened map, of a
 * dense layer.
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
 * As bytes of float32 or float16, little-endian as on every machine that Node and browsers run on.
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
 * Codes less 128, as bytes with a sign. One by one: `from(codes, f)` would first make a list of
 * them, of eight bytes each.
 */
export function* toInt8(codes: Uint8Array): Generator<Uint8Array> {
  for (let first = 0; first < codes.length; first += BLOCK) {
    const block = codes.slice(first, first + BLOCK);
    for (let i = 0; i < block.length; i++) block[i]! ^= 128;
    yield block;
  }
}

/** Codes −128 to 127 plus 128, and a factor for each output. */
export type ChannelQuantized = QuantizedTensor & { channelScale: Float32Array };

/** As bytes with a factor for each output: those of the set where it has them, without loss. */
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
  const [factors, codes] = encodeUint8(name, shape, dequantize(stored));
  return {
    values: codes!.bytes,
    scale: 1,
    min: -128,
    channelScale: new Float32Array(factors!.bytes.buffer),
  };
}
