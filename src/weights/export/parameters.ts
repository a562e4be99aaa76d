/**
 * The learned tensors of a network as exported files store them: in this library's order, or
 * transposed for PyTorch and ONNX.
 */
import type { Shape } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { QuantizedTensor, StoredTensor } from '../format/storedTensor';
import type { ChainedLayer } from './exportedLayers';
import { asBytes, channelQuantized, columns, kernelDims, toInt8, transposed } from './tensorStream';
import type { Parameter, ExportedTensor } from './fileLayout';

/** How the table describes a kernel that is stored in 8 bits. */
export const UINT8_PER_CHANNEL = 'uint8, one factor per channel';

const floats = (name: string, shape: Shape): ExportedTensor => ({
  name,
  shape,
  type: 'float32',
  parts: (stored) => asBytes(columns(stored, shape.at(-1)!), 'float32', name),
});

/** Describes a bias, which is float32 in every format. */
export const biasOf = (name: string, shape: Shape, exportedName: string): Parameter => ({
  name,
  shape,
  transposed: '',
  exportedName,
  as: 'float32',
  tensors: [floats(exportedName, shape)],
});

/**
 * Describes the parameters with kernels as `[height, width, in, out]` or `[in, out]`, this
 * library's order. With `uint8`, stores int8 values and a factor for each output.
 */
export function hwioParameters(
  net: Sequential,
  nameOf: (parameter: string) => string,
  type: 'float32' | 'float16' | 'uint8',
): Parameter[] {
  return Object.entries(net.params()).map(([name, { shape }]) => {
    const exportedName = nameOf(name);
    const as = shape.length < 2 ? 'float32' : type; // biases are small
    if (as !== 'uint8') {
      const tensor: ExportedTensor = {
        name: exportedName,
        shape,
        type: as,
        parts: (stored) => asBytes(columns(stored, shape.at(-1)!), as, exportedName),
      };
      return { name, shape, transposed: '', exportedName, as, tensors: [tensor] };
    }
    const values: ExportedTensor = {
      name: exportedName,
      shape,
      type: 'int8',
      parts: (stored) => toInt8((stored as QuantizedTensor).values),
    };
    const factors: ExportedTensor = {
      ...floats(`${exportedName}.scale`, [shape.at(-1)!]),
      parts: (stored) => factorBytes(stored as QuantizedTensor),
    };
    const prepare = (stored: StoredTensor) => channelQuantized(name, shape, stored);
    return {
      name,
      shape,
      transposed: '',
      exportedName,
      as: UINT8_PER_CHANNEL,
      tensors: [values, factors],
      prepare,
    };
  });
}

const factorBytes = ({ channelScale }: QuantizedTensor) => asBytes([channelScale!], 'float32', '');

/**
 * Describes the parameters with kernels as `[out, in, height, width]` or `[out, in]`, the order of
 * PyTorch and ONNX.
 */
export function oihwParameters(
  layers: readonly ChainedLayer[],
  net: Sequential,
  nameOf: (parameter: string) => string,
  type: 'float32' | 'float16',
): Parameter[] {
  const params = net.params();
  return layers.flatMap(({ name: layer, layer: { type: kind }, map }): Parameter[] => {
    if (kind !== 'conv2d' && kind !== 'dense') return [];
    const [kernel, bias] = [`${layer}/kernel`, `${layer}/bias`];
    const shape = params[kernel]!.shape;
    const [height, width, inputs, outputs] = kernelDims(shape, map);
    const exportedName = nameOf(kernel);
    const tensor: ExportedTensor = {
      name: exportedName,
      shape:
        kind === 'conv2d' ? [outputs, inputs, height, width] : [outputs, height * width * inputs],
      type,
      parts: (stored) =>
        asBytes(transposed(stored, [height, width, inputs, outputs]), type, exportedName),
    };
    const transposition =
      kind === 'conv2d'
        ? 'HWIO → OIHW'
        : height * width > 1
          ? '[HWC, out] → [out, CHW]'
          : '[in, out] → [out, in]';
    return [
      { name: kernel, shape, transposed: transposition, exportedName, as: type, tensors: [tensor] },
      biasOf(bias, params[bias]!.shape, nameOf(bias)),
    ];
  });
}
