/**
 * Writes a folder that TensorFlow.js' `loadGraphModel` reads: model.json with the graph, and shards
 * of 4 MiB with the weights.
 */
import packageJson from '../../../package.json';
import type { Sequential } from '../../layers/sequential';
import type { QuantizedTensor, StoredTensor } from '../format/storedTensor';
import { RECIPE } from '../convert/alexnetMetadata';
import { describeInput, type GraphInput } from './description';
import { GraphDef, inGraph, type Constant } from './graphDef';
import { asBytes, channelQuantized, columns } from './tensorStream';
import { UINT8_PER_CHANNEL, biasOf } from './parameters';
import {
  totalBytes,
  writeTensors,
  type ModelToExport,
  type Parameter,
  type ExportedTensor,
  type FileLayout,
} from './fileLayout';

export interface TfjsOptions {
  quantize: 'float32' | 'float16' | 'uint8';
  input: GraphInput;
}

/** The shard size of TensorFlow.js' converter. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** An entry of weightsManifest. */
interface TfjsWeight {
  name: string;
  shape: readonly number[];
  dtype: 'float32' | 'int32';
  quantization?: { dtype: 'float16' | 'uint8'; scale?: number; min?: number };
}

/** Returns the layout of the folder: the shards, then model.json. */
export function tfjs(model: ModelToExport, options: TfjsOptions): FileLayout {
  const { net, layers, facts } = model;
  const perChannel = options.quantize === 'uint8';
  const graph = new GraphDef(net, layers, facts.preprocessing, {
    pixels: options.input === 'pixels',
    perChannel,
  });
  const scales = new Map<string, number>();
  const parameters = layers.flatMap(({ name, layer }) =>
    layer.type === 'conv2d' || layer.type === 'dense'
      ? [
          kernel({
            net,
            layer: name,
            groups: layer.type === 'conv2d' ? layer.groups : 1,
            type: options.quantize,
            scales,
          }),
          bias(net, `${name}/bias`),
        ]
      : [],
  );
  const constants = graph.constants.map(({ values }) => new Uint8Array(values.buffer));
  const bytes = totalBytes(parameters);
  const shards = Math.ceil(
    (bytes + constants.reduce((sum, { length }) => sum + length, 0)) / SHARD_BYTES,
  );
  const path = (shard: number) => `group1-shard${shard + 1}of${shards}.bin`;

  /** Called after the shards are written, since it needs the scales of quantized kernels. */
  const modelJson = () => ({
    format: 'graph-model',
    generatedBy: `${packageJson.name} ${packageJson.version}`,
    convertedBy: `${packageJson.name} ${packageJson.version}`,
    signature: graph.signature(),
    modelTopology: graph.toJSON(),
    weightsManifest: [
      {
        paths: Array.from({ length: shards }, (_, shard) => path(shard)),
        weights: [
          ...graph.constants.map(weightOfConstant),
          ...parameters.flatMap(({ name, tensors }) =>
            tensors.map((tensor) => weightOf(tensor, scales.get(name))),
          ),
        ],
      },
    ],
    userDefinedMetadata: {
      input: describeInput(
        facts.preprocessing,
        options.input,
        `N x ${net.inputShape!.join(' x ')}`,
      ),
      [RECIPE]: facts,
    },
  });
  return {
    bytes,
    async write(sink, events) {
      let at = 0;
      const put = async (part: Uint8Array) => {
        for (let from = 0; from < part.length;) {
          const shard = Math.floor(at / SHARD_BYTES);
          const chunk = part.subarray(from, from + (shard + 1) * SHARD_BYTES - at);
          await sink(path(shard), chunk);
          from += chunk.length;
          at += chunk.length;
        }
      };
      for (const part of constants) await put(part);
      await writeTensors({ model, parameters, put, events });
      await sink('model.json', new TextEncoder().encode(JSON.stringify(modelJson())));
    },
  };
}

const weightOfConstant = ({ name, shape, values }: Constant): TfjsWeight => ({
  name,
  shape,
  dtype: values instanceof Int32Array ? 'int32' : 'float32',
});

/**
 * The quantized values are decoded with the largest scale of the tensor; the graph then multiplies
 * each output by its own scale as a fraction of that.
 */
function weightOf({ name, shape, type }: ExportedTensor, scale: number | undefined): TfjsWeight {
  const plain: TfjsWeight = { name, shape, dtype: 'float32' };
  if (type === 'float16') return { ...plain, quantization: { dtype: 'float16' } };
  return type === 'uint8'
    ? { ...plain, quantization: { dtype: 'uint8', scale: scale!, min: -128 * scale! } }
    : plain;
}

interface KernelSpec {
  net: Sequential;
  /** The layer's name. */
  layer: string;
  groups: number;
  type: TfjsOptions['quantize'];
  /** Receives the largest channel scale of each quantized kernel. */
  scales: Map<string, number>;
}

/**
 * Splits a kernel into one tensor per group of the convolution. The channel scales of a quantized
 * kernel precede them.
 */
function kernel({ net, layer, groups, type, scales }: KernelSpec): Parameter {
  const [name, scoped] = [`${layer}/kernel`, inGraph(`${layer}/kernel`)];
  const { shape } = net.params()[name]!;
  const outputs = shape.at(-1)!;
  const width = outputs / groups;
  const tensors = Array.from({ length: groups }, (_, group): ExportedTensor => {
    const range = [group * width, (group + 1) * width] as const;
    const exportedName = groups === 1 ? scoped : `${scoped}/${group}`;
    return {
      name: exportedName,
      shape: [...shape.slice(0, -1), width],
      type,
      parts: (stored) =>
        type === 'uint8'
          ? [quantizedColumns(stored as QuantizedTensor, outputs, range)]
          : asBytes(columns(stored, outputs, range), type, exportedName),
    };
  });
  if (type !== 'uint8')
    return { name, shape, transposed: '', exportedName: scoped, as: type, tensors };
  const relativeScales: ExportedTensor = {
    name: `${scoped}/scale`,
    shape: [outputs],
    type: 'float32',
    parts: (stored) =>
      asBytes(
        [(stored as QuantizedTensor).channelScale!.map((factor) => factor / scales.get(name)!)],
        'float32',
        name,
      ),
  };
  const prepare = (stored: StoredTensor) => {
    const quantized = channelQuantized(name, shape, stored);
    scales.set(name, quantized.channelScale.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1);
    return quantized;
  };
  return {
    name,
    shape,
    transposed: '',
    exportedName: scoped,
    as: UINT8_PER_CHANNEL,
    tensors: [relativeScales, ...tensors],
    prepare,
  };
}

const bias = (net: Sequential, name: string): Parameter =>
  biasOf(name, net.params()[name]!.shape, inGraph(name));

/** Returns the indices `from` to `to` of the last axis, without decoding the values. */
function quantizedColumns(
  { values }: QuantizedTensor,
  width: number,
  [from, to]: readonly [number, number],
): Uint8Array {
  if (to - from === width) return values;
  const part = new Uint8Array((values.length / width) * (to - from));
  for (let i = 0, row = 0; i < part.length; row += width)
    for (let c = from; c < to; c++) part[i++] = values[row + c]!;
  return part;
}
