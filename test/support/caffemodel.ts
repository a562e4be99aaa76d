/** Writes .caffemodel files for tests with protobufjs, with the relevant fields of caffe.proto. */
import protobuf from 'protobufjs';

const SCHEMA = `
  syntax = "proto2";
  message BlobShape { repeated int64 dim = 1 [packed = true]; }
  message BlobProto {
    optional int32 num = 1; optional int32 channels = 2; optional int32 height = 3; optional int32 width = 4;
    repeated float data = 5 [packed = true]; repeated float diff = 6 [packed = true];
    optional BlobShape shape = 7; repeated double double_data = 8 [packed = true];
  }
  message LRNParameter {
    optional uint32 local_size = 1; optional float alpha = 2; optional float beta = 3; optional int32 norm_region = 4; optional float k = 5;
  }
  message V1LayerParameter {
    repeated string bottom = 2; repeated string top = 3; optional string name = 4; optional int32 type = 5; repeated BlobProto blobs = 6;
    optional LRNParameter lrn_param = 18;
  }
  message LayerParameter {
    optional string name = 1; optional string type = 2; repeated string bottom = 3; repeated string top = 4; repeated BlobProto blobs = 7;
    optional LRNParameter lrn_param = 118;
  }
  message NetParameter { optional string name = 1; repeated V1LayerParameter layers = 2; repeated LayerParameter layer = 100; }`;

const { root } = protobuf.parse(SCHEMA, { keepCase: true });

const encode = (type: string, value: object): Uint8Array => {
  const message = root.lookupType(type);
  return message.encode(message.fromObject(value)).finish();
};

export interface Blob {
  shape: readonly number[];
  values: Float32Array;
}

/** A layer as Caffe writes it, with or without weights. */
export interface CaffeLayer {
  name: string;
  type?: string;
  blobs?: readonly Blob[];
  lrn_param?: {
    local_size?: number;
    alpha?: number;
    beta?: number;
    k?: number;
    norm_region?: number;
  };
}

/** The legacy shape format: four dimensions, padded with 1. */
function fourSides(shape: readonly number[]): object {
  const [num, channels, height, width] = [...Array<number>(4 - shape.length).fill(1), ...shape];
  return { num, channels, height, width };
}

/** Returns a NetParameter. `old` uses V1LayerParameter and legacy shapes, like bvlc_alexnet. */
export function caffemodel(
  layers: readonly CaffeLayer[],
  { old = false }: { old?: boolean } = {},
): Uint8Array {
  const written = layers.map(({ blobs = [], type, ...layer }) => ({
    ...layer,
    ...(old || type === undefined ? {} : { type }),
    blobs: blobs.map(({ shape, values }) => ({
      data: Array.from(values),
      ...(old ? fourSides(shape) : { shape: { dim: shape } }),
    })),
  }));
  return encode('NetParameter', { name: 'AlexNet', [old ? 'layers' : 'layer']: written });
}

/** Returns a mean.binaryproto: one blob of blue, green and red planes. */
export const binaryproto = (shape: readonly number[], values: Float32Array): Uint8Array =>
  encode('BlobProto', { ...fourSides(shape), data: Array.from(values) });
