/**
 * The learnt tensors of a network as files hold them: in our order, or turned as PyTorch and ONNX
 * want them.
 */
import type { Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { QuantizedTensor, StoredTensor } from '../format/storedTensor';
import type { Link } from './layerChain';
import { asBytes, channelQuantized, columns, sides, signed, turned } from './tensorStream';
import type { Parameter, Piece } from './fileLayout';

/** How the table says that a kernel is stored in 8 bits. */
export const CODES = 'uint8 codes, a factor a channel';

const floats = (name: string, shape: Shape): Piece => ({
  name,
  shape,
  type: 'float32',
  parts: (stored) => asBytes(columns(stored, shape.at(-1)!), 'float32', name),
});

/** A bias, which is float32 everywhere. */
export const biasOf = (name: string, shape: Shape, called: string): Parameter => ({
  name,
  shape,
  transposed: '',
  called,
  as: 'float32',
  pieces: [floats(called, shape)],
});

/**
 * Kernels `[height, width, in, out]` or `[in, out]`, as they are here. Of `uint8` codes from −128
 * to 127, and a factor for each output.
 */
export function ours(
  net: Sequential,
  nameOf: (parameter: string) => string,
  type: 'float32' | 'float16' | 'uint8',
): Parameter[] {
  return Object.entries(net.params()).map(([name, { shape }]) => {
    const called = nameOf(name);
    const as = shape.length < 2 ? 'float32' : type; // biases are few
    if (as !== 'uint8') {
      const piece: Piece = {
        name: called,
        shape,
        type: as,
        parts: (stored) => asBytes(columns(stored, shape.at(-1)!), as, called),
      };
      return { name, shape, transposed: '', called, as, pieces: [piece] };
    }
    const codes: Piece = {
      name: called,
      shape,
      type: 'int8',
      parts: (stored) => signed((stored as QuantizedTensor).values),
    };
    const factors: Piece = {
      ...floats(`${called}.scale`, [shape.at(-1)!]),
      parts: (stored) => factorBytes(stored as QuantizedTensor),
    };
    const prepare = (stored: StoredTensor) => channelQuantized(name, shape, stored);
    return { name, shape, transposed: '', called, as: CODES, pieces: [codes, factors], prepare };
  });
}

const factorBytes = ({ channelScale }: QuantizedTensor) => asBytes([channelScale!], 'float32', '');

/** Kernels `[out, in, height, width]` or `[out, in]`, as PyTorch and ONNX hold them. */
export function theirs(
  links: readonly Link[],
  net: Sequential,
  nameOf: (parameter: string) => string,
  type: 'float32' | 'float16',
): Parameter[] {
  const params = net.params();
  return links.flatMap(({ name: layer, layer: { type: kind }, map }): Parameter[] => {
    if (kind !== 'conv2d' && kind !== 'dense') return [];
    const [kernel, bias] = [`${layer}/kernel`, `${layer}/bias`];
    const shape = params[kernel]!.shape;
    const [height, width, inputs, outputs] = sides(shape, map);
    const called = nameOf(kernel);
    const piece: Piece = {
      name: called,
      shape:
        kind === 'conv2d' ? [outputs, inputs, height, width] : [outputs, height * width * inputs],
      type,
      parts: (stored) => asBytes(turned(stored, [height, width, inputs, outputs]), type, called),
    };
    const how =
      kind === 'conv2d'
        ? 'HWIO → OIHW'
        : height * width > 1
          ? '[HWC, out] → [out, CHW]'
          : '[in, out] → [out, in]';
    return [
      { name: kernel, shape, transposed: how, called, as: type, pieces: [piece] },
      biasOf(bias, params[bias]!.shape, nameOf(bias)),
    ];
  });
}
