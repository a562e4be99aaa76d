/** Writes ONNX files for tests with protobufjs, with the relevant fields of the schema. */
import protobuf from 'protobufjs';

const SCHEMA = `
  syntax = "proto2";
  message Entry { optional string key = 1; optional string value = 2; }
  message Tensor {
    repeated int64 dims = 1; optional int32 data_type = 2; repeated float float_data = 4 [packed = true]; optional string name = 8;
    optional bytes raw_data = 9; repeated Entry external_data = 13; optional int32 data_location = 14;
  }
  message Attribute {
    optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4; optional Tensor t = 5; repeated int64 ints = 8;
  }
  message Node { repeated string input = 1; repeated string output = 2; optional string op_type = 4; repeated Attribute attribute = 5; }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
  message Type { optional TensorType tensor_type = 1; }
  message ValueInfo { optional string name = 1; optional Type type = 2; }
  message Graph { repeated Node node = 1; repeated Tensor initializer = 5; repeated ValueInfo input = 11; }
  message Model { optional int64 ir_version = 1; optional Graph graph = 7; }`;

const Model = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Model');

export interface OnnxToWrite {
  nodes: readonly {
    op: string;
    input: readonly string[];
    output: string;
    /** `{ name: 'group', i: 2 }` */
    attribute?: readonly object[];
  }[];
  /** Shape and values by name. */
  tensors: Record<
    string,
    {
      dims: readonly number[];
      values: ArrayLike<number>;
      /** Where its values are in another file, instead of here. */
      external?: Record<string, string> | undefined;
    }
  >;
  /** Shape of the input `x`; a string for a dynamic dimension. */
  input: readonly (number | string)[];
}

export function onnxModel({ nodes, tensors, input }: OnnxToWrite): Uint8Array {
  const dim = input.map((side) =>
    typeof side === 'number' ? { dim_value: side } : { dim_param: side },
  );
  const graph = {
    node: nodes.map(({ op, input: inputs, output, attribute = [] }) => ({
      op_type: op,
      input: inputs,
      output: [output],
      attribute,
    })),
    initializer: Object.entries(tensors).map(([name, { dims, values, external }]) => ({
      name,
      dims,
      data_type: 1,
      ...(external
        ? {
            data_location: 1,
            external_data: Object.entries(external).map(([key, value]) => ({ key, value })),
          }
        : { float_data: Array.from(values) }),
    })),
    input: [{ name: 'x', type: { tensor_type: { elem_type: 1, shape: { dim } } } }],
  };
  return Uint8Array.from(Model.encode(Model.fromObject({ ir_version: 9, graph })).finish());
}
