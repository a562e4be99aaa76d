/**
 * Maps the graph of an ONNX file to a network of this library: a chain of convolutions, ReLU, LRN,
 * pooling and dense layers.
 */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import type { Sequential } from '../../layers/sequential';
import { CAFFE_MEAN } from './caffe';
import { formatShape, sizeOf } from '../../layers/layer';
import type { SourceModel } from './sourceModel';
import type { OnnxGraph } from './onnxFile';
import { OnnxChain, type InputOperation } from './onnxChain';
import { TORCHVISION_PREPROCESSING } from './torchvision';

export { readOnnx } from './onnxFile';

/** Ops on quantized integers, or that convert to or from them. */
const QUANTIZED = /quantize|Integer$|NBits$|^Q(Linear|Gemm|Attention)/i;

/** A network in ONNX. */
export interface OnnxModel extends SourceModel {
  /** A note on how the graph normalizes its input, which the set's preprocessing does instead. */
  normalized: string | undefined;
}

/** Describes the graph of an ONNX file as a network of this library. */
export async function onnx(
  where: string,
  graph: OnnxGraph,
  channels?: 'rgb' | 'bgr',
): Promise<OnnxModel> {
  const quantized = graph.nodes.find(({ op }) => QUANTIZED.test(op));
  if (quantized) {
    throw new WeightsError(where, [
      `is quantized (${quantized.op}). Convert the float model that it was made from, and quantize it with quantize: 'uint8'.`,
    ]);
  }
  const [, depth, side, width] = graph.input.shape;
  if (graph.input.shape.length !== 4 || depth !== 3 || !side || side !== width) {
    if (depth === 1)
      throw new WeightsError(where, [
        'input must have the 3 channels red, green and blue, got 1. A network for gray images cannot be converted.',
      ]);
    throw new WeightsError(where, [
      `input must be n × 3 × side × side, got ${graph.input.shape.map((each) => each || '?').join(' × ') || 'no shape'}. Export it for images of one size.`,
    ]);
  }
  const chain = new OnnxChain(graph, side);
  let net: Sequential;
  let normalization: Normalization | undefined;
  try {
    chain.walk();
    normalization = await readNormalization(chain.inputOperations, graph);
    net = sequentialFromJSON({
      type: 'sequential',
      inputShape: [side, side, 3],
      layers: chain.layers,
    });
    if (net.outputShape().length !== 1) throw new Error('it must end in one score per class');
    net.params(); // throws if shapes do not fit together
  } catch (error) {
    throw new WeightsError(where, [`cannot be converted: ${reasonOf(error).replace(/\.$/, '')}.`], {
      cause: error,
    });
  }
  const indexOf = (type: string) => chain.layers.findIndex((layer) => layer.type === type);
  const normalizes = indexOf('lrn') >= 0;
  const bgr = (channels ?? (normalizes ? 'bgr' : 'rgb')) === 'bgr';
  const size = { resize: 256, crop: Math.min(side, 256), inputSize: side };
  const inRGB = (values: readonly number[]) =>
    (bgr ? [...values].reverse() : [...values]) as [number, number, number];
  const preprocessing = normalization
    ? { ...size, mean: inRGB(normalization.mean), std: inRGB(normalization.std) }
    : bgr
      ? { ...size, mean: CAFFE_MEAN }
      : { ...TORCHVISION_PREPROCESSING, ...size };
  return {
    net,
    variant: !normalizes
      ? 'torchvision'
      : indexOf('lrn') < indexOf('maxPool')
        ? 'caffe'
        : 'caffenet',
    preprocessing,
    nameOf: (parameter) => chain.names.get(parameter) ?? '(no tensor)',
    bgr,
    inOut: chain.inOut,
    batchNorms: chain.batchNorms,
    normalized: normalization?.note,
  };
}

/**
 * The normalization of the input in levels of 0..255, `(level − mean) / std`, in the file's order.
 */
interface Normalization {
  mean: number[];
  std: number[];
  note: string;
}

/** Combines the operations before the first layer to one normalization. */
async function readNormalization(
  operations: readonly InputOperation[],
  graph: OnnxGraph,
): Promise<Normalization | undefined> {
  if (operations.length === 0) return undefined;
  const factor = [1, 1, 1];
  const shift = [0, 0, 0];
  for (const { op, constant } of operations) {
    const { shape, values } = graph.tensors.get(constant)!;
    const count = sizeOf(shape);
    if (count !== 1 && !(count === 3 && shape.at(-3) === 3))
      throw new Error(
        `${op} before the first layer must be with one value per channel, got ${formatShape(shape)}`,
      );
    const constants = await values();
    for (let channel = 0; channel < 3; channel++) {
      const value = constants[count === 1 ? 0 : channel]!;
      if (op === 'Add') shift[channel]! += value;
      else if (op === 'Sub') shift[channel]! -= value;
      else {
        const by = op === 'Mul' ? value : 1 / value;
        factor[channel]! *= by;
        shift[channel]! *= by;
      }
    }
  }
  if (!factor.every((each) => each > 0 && each < Infinity) || !shift.every(Number.isFinite))
    throw new Error('its input must be divided by a standard deviation above 0');
  const mean = factor.map((each, channel) => -shift[channel]! / each);
  const std = factor.map((each) => 1 / each);
  const fractions = mean.every((each) => Math.abs(each) <= 2) && std.every((each) => each <= 2);
  const levels = fractions ? 255 : 1;
  const text = (values: readonly number[]) => values.map((each) => each.toPrecision(4)).join(', ');
  return {
    mean: mean.map((each) => each * levels),
    std: std.map((each) => each * levels),
    note: `The graph subtracts ${text(mean)} from its input and divides by ${text(std)}. Assuming an input from 0 to ${fractions ? 1 : 255}; the preprocessing of the set does the same.`,
  };
}
