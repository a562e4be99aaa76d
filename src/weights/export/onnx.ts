/** Writes ONNX: opset 13, float32 input and outputs, any batch size. */
import packageJson from '../../../package.json';
import { OptionsError } from '../../errors';
import type { Padding } from '../../kernels/conv2d';
import { RECIPE, PYTORCH_NAMES } from '../convert/alexnetMetadata';
import { describeInput, type GraphInput } from './description';
import type { KnownLayer, ChainedLayer } from './exportedLayers';
import { oihwParameters } from './parameters';
import {
  bytesOf,
  totalBytes,
  writeTensors,
  type ModelToExport,
  type ExportedTensor,
  type FileLayout,
} from './fileLayout';
import { bytes, float32, head, joined, integer } from './protobuf';

export interface OnnxOptions {
  quantize: 'float32' | 'float16' | 'uint8';
  input: GraphInput;
}

/** TensorProto.DataType, and AttributeProto.AttributeType. */
const [FLOAT, FLOAT16] = [1, 10];
const [IS_FLOAT, IS_INT, IS_INTS] = [1, 2, 7];

/** The versions of ONNX 1.8 (2020), which ONNX Runtime has supported since 1.6. */
const [IR_VERSION, OPSET] = [7, 13];

type Attributes = Readonly<Record<string, number | readonly number[] | { float: number }>>;

interface OnnxNodeSpec {
  op: string;
  name: string;
  inputs: readonly string[];
  output: string;
  attributes: Attributes;
}

/** A node whose first input is the output of the node before it; `inputs` are the others. */
type NextNode = Pick<OnnxNodeSpec, 'op' | 'name'> &
  Partial<Pick<OnnxNodeSpec, 'inputs' | 'output' | 'attributes'>>;

const nameOf = PYTORCH_NAMES.pytorch;
/**
 * Returns the name of a half-precision weight that is cast to float32, which ONNX Runtime does
 * once, when a session starts.
 */
const widened = (name: string): string => `${name}.float32`;

/** Returns the layout of model.onnx: the graph's nodes, the tensors one by one, the metadata. */
export function onnx(model: ModelToExport, { quantize, input }: OnnxOptions): FileLayout {
  if (quantize === 'uint8') {
    throw new OptionsError(
      "export: quantize must be 'float32' or 'float16' for ONNX, got 'uint8'. Quantize the file with ONNX Runtime's tools.",
    );
  }
  const { net, layers, facts } = model;
  const parameters = oihwParameters(layers, net, nameOf, quantize);

  const { mean, std } = facts.preprocessing;
  const constants: Uint8Array[] = [];
  if (input === 'pixels')
    constants.push(constant('mean', mean), ...(std ? [constant('std', std)] : []));
  const halves = parameters
    .flatMap(({ tensors }) => tensors)
    .filter(({ type }) => type === 'float16');
  const kernel = (name: string) => (quantize === 'float16' ? widened(name) : name);
  const nodes = [
    ...halves.map(cast),
    ...nodesOf(layers, input === 'pixels', std !== undefined, kernel),
  ];
  const [height, width, channels] = net.inputShape as [number, number, number];
  const [classes] = net.outputShape() as [number];
  const graph = [
    ...nodes.map((node) => bytes(1, ...nodeFields(node))),
    bytes(2, 'alexnet'),
    ...constants,
    valueInfo(
      11,
      'input',
      [channels, height, width],
      describeInput(facts.preprocessing, input, `N x ${channels} x ${height} x ${width}`),
    ),
    valueInfo(12, 'logits', [classes], 'N x classes: the scores before the softmax.'),
    valueInfo(
      12,
      'probabilities',
      [classes],
      `N x classes, in the order of the labels in the metadata under "${RECIPE}".`,
    ),
  ];
  const tensors = parameters
    .flatMap(({ tensors }) => tensors)
    .reduce((sum, tensor) => sum + tensorHead(tensor).length + bytesOf(tensor), 0);
  const length = graph.reduce((sum, part) => sum + part.length, tensors);
  const start = joined(
    integer(1, IR_VERSION),
    bytes(2, packageJson.name),
    bytes(3, packageJson.version),
    head(7, length),
    ...graph,
  );
  const end = joined(
    bytes(8, integer(2, OPSET)),
    bytes(14, bytes(1, RECIPE), bytes(2, JSON.stringify(facts))),
  );
  return {
    bytes: totalBytes(parameters),
    async write(sink, events) {
      const put = (part: Uint8Array) => sink('model.onnx', part);
      await put(start);
      await writeTensors({ model, parameters, put, events, headerOf: tensorHead });
      await put(end);
    },
  };
}

/** Returns a TensorProto of the graph, up to its values. */
function tensorHead(tensor: ExportedTensor): Uint8Array {
  const fields = joined(
    ...tensor.shape.map((side) => integer(1, side)),
    integer(2, tensor.type === 'float16' ? FLOAT16 : FLOAT),
    bytes(8, tensor.name),
  );
  const raw = head(9, bytesOf(tensor));
  return joined(head(5, fields.length + raw.length + bytesOf(tensor)), fields, raw);
}

/** Returns a tensor with one value for each of the three channels. */
const constant = (name: string, values: readonly number[]): Uint8Array => {
  const floats = Float32Array.from(values);
  return bytes(
    5,
    ...[1, 3, 1, 1].map((side) => integer(1, side)),
    integer(2, FLOAT),
    bytes(8, name),
    bytes(9, new Uint8Array(floats.buffer)),
  );
};

/** Returns a ValueInfoProto: a name, a type with an open batch dimension, and a description. */
function valueInfo(field: number, name: string, shape: readonly number[], doc: string): Uint8Array {
  const sides = [bytes(1, bytes(2, 'N')), ...shape.map((side) => bytes(1, integer(1, side)))];
  return bytes(
    field,
    bytes(1, name),
    bytes(2, bytes(1, integer(1, FLOAT), bytes(2, ...sides))),
    bytes(3, doc),
  );
}

function nodeFields({ op, name, inputs, output, attributes }: OnnxNodeSpec): Uint8Array[] {
  const attribute = ([key, value]: [string, Attributes[string]]) => {
    if (typeof value === 'number')
      return bytes(5, bytes(1, key), integer(3, value), integer(20, IS_INT));
    if ('float' in value)
      return bytes(5, bytes(1, key), float32(2, value.float), integer(20, IS_FLOAT));
    return bytes(5, bytes(1, key), ...value.map((each) => integer(8, each)), integer(20, IS_INTS));
  };
  return [
    ...inputs.map((each) => bytes(1, each)),
    bytes(2, output),
    bytes(3, name),
    bytes(4, op),
    ...Object.entries(attributes).map(attribute),
  ];
}

const cast = ({ name }: ExportedTensor): OnnxNodeSpec => ({
  op: 'Cast',
  name: `${name}.cast`,
  inputs: [name],
  output: widened(name),
  attributes: { to: FLOAT },
});

/**
 * Returns the layers as nodes, from `input` to `logits` and `probabilities`. Values have names like
 * `/conv1`, which no tensor has.
 */
function nodesOf(
  layers: readonly ChainedLayer[],
  pixels: boolean,
  std: boolean,
  kernel: (name: string) => string,
): OnnxNodeSpec[] {
  const nodes: OnnxNodeSpec[] = [];
  let last = 'input';
  const push = ({ op, name, attributes = {}, inputs = [], output = `/${name}` }: NextNode) => {
    nodes.push({ op, name, inputs: [last, ...inputs], output, attributes });
    last = output;
  };
  if (pixels) push({ op: 'Sub', name: 'input/less-mean', inputs: ['mean'] });
  if (pixels && std) push({ op: 'Div', name: 'input/by-std', inputs: ['std'] });
  for (const [i, { name, layer, input }] of layers.entries()) {
    const learned = [kernel(nameOf(`${name}/kernel`)), nameOf(`${name}/bias`)];
    const changesOrder =
      layer.type === 'flatten' && input.length === 3 && input[0]! * input[1]! > 1;
    if (changesOrder && !layers.slice(i).some(({ layer: { type } }) => type === 'dense')) {
      // No following kernel could be transposed instead.
      push({ op: 'Transpose', name: `${name}/hwc`, attributes: { perm: [0, 2, 3, 1] } });
    }
    push({
      op: OPS[layer.type],
      name,
      attributes: attributesOf(layer),
      inputs: layer.type === 'conv2d' || layer.type === 'dense' ? learned : [],
    });
  }
  push({ op: 'Identity', name: 'output/logits', output: 'logits' });
  push({
    op: 'Softmax',
    name: 'output/probabilities',
    attributes: { axis: 1 },
    output: 'probabilities',
  });
  return nodes;
}

const OPS: Readonly<Record<KnownLayer['type'], string>> = {
  conv2d: 'Conv',
  maxPool: 'MaxPool',
  lrn: 'LRN',
  dense: 'Gemm',
  relu: 'Relu',
  tanh: 'Tanh',
  softmax: 'Softmax',
  flatten: 'Flatten',
};

function attributesOf(layer: KnownLayer): Attributes {
  switch (layer.type) {
    case 'conv2d':
      return { ...windowOf(layer), group: layer.groups };
    case 'maxPool':
      return windowOf(layer);
    case 'lrn': // ONNX divides alpha by the size
      return {
        size: layer.n,
        alpha: { float: layer.alpha * layer.n },
        beta: { float: layer.beta },
        bias: { float: layer.k },
      };
    case 'dense':
      return { transB: 1 };
    case 'softmax':
    case 'flatten':
      return { axis: 1 };
    default:
      return {};
  }
}

const windowOf = ({
  size,
  stride,
  padding: { top, left, bottom, right },
}: {
  size: number;
  stride: number;
  padding: Padding;
}) => ({
  kernel_shape: [size, size],
  strides: [stride, stride],
  pads: [top, left, bottom, right],
});
