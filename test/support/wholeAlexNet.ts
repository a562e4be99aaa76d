/**
 * Files of whole AlexNets, with weights that a counter determines: torchvision's as .safetensors,
 * Caffe's as .caffemodel. `fixtures/whole.py` repeats them and has PyTorch's logits.
 */

/** Layers with the shape of their weights, [out, in, height, width] or [out, in]. */
type Layers = readonly (readonly [name: string, shape: readonly number[]])[];

/** 61,100,840 weights. */
const TORCHVISION: Layers = [
  ['features.0', [64, 3, 11, 11]],
  ['features.3', [192, 64, 5, 5]],
  ['features.6', [384, 192, 3, 3]],
  ['features.8', [256, 384, 3, 3]],
  ['features.10', [256, 256, 3, 3]],
  ['classifier.1', [4096, 9216]],
  ['classifier.4', [4096, 4096]],
  ['classifier.6', [1000, 4096]],
];

/** 60,965,224 weights. */
const CAFFE: Layers = [
  ['conv1', [96, 3, 11, 11]],
  ['conv2', [256, 48, 5, 5]],
  ['conv3', [384, 256, 3, 3]],
  ['conv4', [384, 192, 3, 3]],
  ['conv5', [256, 192, 3, 3]],
  ['fc6', [4096, 9216]],
  ['fc7', [4096, 4096]],
  ['fc8', [1000, 4096]],
];

const BIAS_BOUND = 0.01;
const PART = 2 ** 20;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
/** He et al.: keeps the variance from layer to layer. */
const boundOf = (shape: readonly number[]) => Math.sqrt(6 / sizeOf(shape.slice(1)));

/** Mixes the bits of a 32-bit integer: lowbias32 of Chris Wellons. */
function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The bytes of `count` values within ±bound from the counter `first`, in parts. */
function* values(first: number, count: number, bound: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < count; at += PART) {
    const part = new Float32Array(Math.min(PART, count - at));
    for (let i = 0; i < part.length; i++) part[i] = (mixed(first + at + i) / 2 ** 31 - 1) * bound;
    yield new Uint8Array(part.buffer);
  }
}

/** torchvision's file, in parts of a few megabytes. */
export function* wholeTorchvision(): Generator<Uint8Array<ArrayBuffer>> {
  const header: Record<string, object> = {};
  let end = 0;
  for (const [layer, shape] of TORCHVISION) {
    for (const [name, size] of [
      ['weight', shape],
      ['bias', [shape[0]!]],
    ] as const)
      header[`${layer}.${name}`] = {
        dtype: 'F32',
        shape: size,
        data_offsets: [end, (end += 4 * sizeOf(size))],
      };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length), true);
  yield new Uint8Array(length.buffer);
  yield json;
  let counter = 0;
  for (const [, shape] of TORCHVISION) {
    yield* values(counter, sizeOf(shape), boundOf(shape));
    counter += sizeOf(shape);
    yield* values(counter, shape[0]!, BIAS_BOUND);
    counter += shape[0]!;
  }
}

/** A number in the format of protocol buffers: seven bits per byte. */
function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

/** The start of a field with a length. */
const field = (id: number, length: number) => [...varint(id * 8 + 2), ...varint(length)];
const textField = (id: number, text: string) => [
  ...field(id, text.length),
  ...new TextEncoder().encode(text),
];

/** Caffe's file, in parts of a few megabytes: NetParameter > LayerParameter > BlobProto. */
export function* wholeCaffe(): Generator<Uint8Array<ArrayBuffer>> {
  yield Uint8Array.from(textField(1, 'AlexNet'));
  let counter = 0;
  for (const [name, shape] of CAFFE) {
    const start = [
      ...textField(1, name),
      ...textField(2, name[0] === 'c' ? 'Convolution' : 'InnerProduct'),
    ];
    const blobs = [shape, [shape[0]!]].map((sides) => {
      const dims = sides.flatMap(varint);
      const count = sizeOf(sides);
      // BlobShape, then the header of the packed floats, whose values follow
      const head = [
        ...field(7, field(1, dims.length).length + dims.length),
        ...field(1, dims.length),
        ...dims,
        ...field(5, 4 * count),
      ];
      return { head: [...field(7, head.length + 4 * count), ...head], count };
    });
    const length =
      start.length + blobs.reduce((sum, { head, count }) => sum + head.length + 4 * count, 0);
    yield Uint8Array.from([...field(100, length), ...start]);
    for (const [i, { head, count }] of blobs.entries()) {
      yield Uint8Array.from(head);
      yield* values(counter, count, i === 0 ? boundOf(shape) : BIAS_BOUND);
      counter += count;
    }
  }
}

const SIDE = 256;

/** An image of 256 × 256 pixels that needs no resizing. */
export function wholeImage(): {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
} {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++)
    for (let channel = 0; channel < 3; channel++)
      data[i * 4 + channel] = mixed(i * 3 + channel) >>> 24;
  return { data, width: SIDE, height: SIDE };
}

/** The largest error of a logit, relative to the largest logit, by the way of storing the weights. */
export const WHOLE_BOUNDS = { float32: 1e-4, uint8: 0.015, uint4: 0.12 };
