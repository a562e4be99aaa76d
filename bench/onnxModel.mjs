/** onnxModel: a network of ours with its float32 tensors as an ONNX file, for onnxruntime-web. */
import protobuf from 'protobufjs';

/** The fields of ONNX's public schema that are written. */
const SCHEMA = `
  syntax = "proto2";
  message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9; }
  message Attribute { optional string name = 1; optional float f = 2; optional int64 i = 3; repeated int64 ints = 8; optional int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4; repeated Attribute attribute = 5; }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
  message Type { optional TensorType tensor_type = 1; }
  message ValueInfo { optional string name = 1; optional Type type = 2; }
  message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
  message Opset { optional string domain = 1; optional int64 version = 2; }
  message Model { optional int64 ir_version = 1; optional Graph graph = 7; repeated Opset opset_import = 8; }`;

const Model = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Model');

const FLOAT = 1;
const number = (name, f) => ({ name, f, type: 1 });
const whole = (name, i) => ({ name, i, type: 2 });
const list = (name, ...ints) => ({ name, ints, type: 7 });
const window = ({ size, stride = 1, pad = 0 }) => [
  list('kernel_shape', size, size),
  list('strides', stride, stride),
  list('pads', pad, pad, pad, pad),
];

/** `[height, width, in, out]` → `[out, in, height, width]`. */
function filters(values, [height, width, inputs, outputs]) {
  const turned = new Float32Array(values.length);
  const places = height * width;
  for (let i = 0; i < values.length; i++) {
    const [out, input, place] = [i % outputs, Math.floor(i / outputs) % inputs, Math.floor(i / outputs / inputs)];
    turned[(out * inputs + input) * places + place] = values[i];
  }
  return { dims: [outputs, inputs, height, width], values: turned };
}

/** The rows of a layer behind `flatten`: ours come by place, ONNX' by channel. */
function rowsByChannel(values, [inputs, outputs], channels) {
  const turned = new Float32Array(values.length);
  const places = inputs / channels;
  for (let row = 0; row < inputs; row++) {
    const from = (row % places) * channels + Math.floor(row / places);
    turned.set(values.subarray(from * outputs, (from + 1) * outputs), row * outputs);
  }
  return turned;
}

/**
 * @param {{ inputShape: number[], layers: { name: string, type: string }[] }} network as the manifest has it
 * @param {Record<string, { shape: number[], values: Float32Array }>} tensors
 */
export function onnxModel({ inputShape: [height, width, depth], layers }, tensors) {
  const graph = { name: 'alexnet', node: [], initializer: [] };
  let last = 'x';
  let channels = depth; // at the last convolution
  let flattened = false;
  const constant = (name, dims, values) => {
    graph.initializer.push({ name, dims, data_type: FLOAT, raw_data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    return name;
  };
  const node = (name, op_type, attribute, ...more) => {
    graph.node.push({ name, op_type, attribute, input: [last, ...more], output: [name] });
    last = name;
  };
  for (const { name, type, ...options } of layers) {
    const { shape, values } = tensors[`${name}/kernel`] ?? {};
    const bias = () => constant(`${name}/bias`, [shape.at(-1)], tensors[`${name}/bias`].values);
    if (type === 'conv2d') {
      const turned = filters(values, shape);
      channels = options.filters;
      node(
        name,
        'Conv',
        [...window(options), whole('group', options.groups)],
        constant(`${name}/kernel`, turned.dims, turned.values),
        bias(),
      );
    } else if (type === 'dense') {
      const rows = flattened ? rowsByChannel(values, shape, channels) : values;
      flattened = false;
      node(name, 'Gemm', [], constant(`${name}/kernel`, shape, rows), bias());
    } else if (type === 'relu') node(name, 'Relu', []);
    else if (type === 'maxPool') node(name, 'MaxPool', window(options));
    else if (type === 'lrn') {
      const { n, k, alpha, beta } = options; // ONNX divides alpha by n
      node(name, 'LRN', [whole('size', n), number('alpha', alpha * n), number('beta', beta), number('bias', k)]);
    } else if (type === 'flatten') {
      flattened = true;
      node(name, 'Flatten', [whole('axis', 1)]);
    } else if (type !== 'dropout') throw new Error(`bench: ${name} is a ${type}, which onnxModel.mjs does not write.`);
  }
  const tensor = (name, ...dims) => ({
    name,
    type: { tensor_type: { elem_type: FLOAT, shape: { dim: [{ dim_param: 'n' }, ...dims.map((dim_value) => ({ dim_value }))] } } },
  });
  graph.input = [tensor('x', depth, height, width)];
  graph.output = [tensor(last, tensors[`${last}/bias`].shape[0])];
  return Model.encode(Model.create({ ir_version: 8, graph, opset_import: [{ domain: '', version: 13 }] })).finish();
}
