/** Reads Caffe's .caffemodel and maps its AlexNets to networks of this library. */
import type { LrnOptions } from '../../layers/lrn';
import { caffeAlexNet, caffeNet } from '../../alexnet';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import {
  DECODERS,
  bytesOfRows,
  readRanges,
  within,
  type FileParts,
  type FileTensor,
} from './fileReader';
import { resized, type SourceModel } from './sourceModel';
import { BufferedFile, fields, float, numbers } from './protobuf';

/**
 * Caffe's mean of ImageNet as red, green, blue: `imagenet_mean.binaryproto` averaged over its
 * pixels, as published in the documentation of Caffe and its models.
 */
export const CAFFE_MEAN = [122.67891434, 116.66876762, 104.00698793] as const;
/** ResNet-152 has about 600 layers. */
const MAX_LAYERS = 4096;
/** A mean image of 256 × 256 pixels has 0.8 MB. */
const MAX_MEAN_BYTES = 64 * 1024 * 1024;

/**
 * Fields of NetParameter: 2 is `layers` of the old format, 100 is `layer` of the new one. The
 * values are the fields of a layer's name, blobs and lrn_param.
 */
const LAYERS: Readonly<Record<number, { name: number; blobs: number; lrn: number }>> = {
  2: { name: 4, blobs: 6, lrn: 18 },
  100: { name: 1, blobs: 7, lrn: 118 },
};

/** The contents of a .caffemodel; tensors are read on demand. */
export interface CaffeFile {
  /** By layer and index: `conv1.0` is the kernel, `conv1.1` the bias. */
  tensors: Map<string, FileTensor>;
  /**
   * `caffenet` if the network pools before it normalizes, like `bvlc_reference_caffenet`.
   * Undefined if the file does not state the order.
   */
  variant?: 'caffe' | 'caffenet';
  /** The LRN options, with alpha already divided by n. Undefined if the file has none. */
  lrn?: LrnOptions;
}

/**
 * Reads the names and shapes of a `.caffemodel`. Its blobs are read on demand.
 *
 * @throws WeightsError if the file has another format or is truncated.
 */
export async function readCaffe(file: FileParts): Promise<CaffeFile> {
  const buffer = new BufferedFile(file);
  const tensors = new Map<string, FileTensor>();
  const order: string[] = [];
  let lrn: LrnOptions | undefined;
  try {
    for await (const { number, wire, start, end } of fields(buffer, 0, file.size)) {
      const layer = LAYERS[number];
      if (!layer || wire !== 2) continue;
      let name = '';
      const blobs: { start: number; end: number }[] = [];
      for await (const field of fields(buffer, start, end)) {
        if (field.wire !== 2) continue;
        if (field.number === layer.name) name = await buffer.text(field);
        else if (field.number === layer.blobs) blobs.push(field);
        else if (field.number === layer.lrn) lrn ??= await readLrn(buffer, field);
      }
      if (order.push(name) > MAX_LAYERS)
        throw new Error(`it must have at most ${MAX_LAYERS} layers`);
      for (const [i, blob] of blobs.entries())
        tensors.set(`${name}.${i}`, await readBlob(buffer, blob, `${name}.${i}`));
    }
  } catch (error) {
    throw new WeightsError(file.name, [`not a .caffemodel, or truncated: ${reasonOf(error)}.`], {
      cause: error,
    });
  }
  if (tensors.size === 0)
    throw new WeightsError(file.name, ['not a .caffemodel: it has no layers with weights.']);
  const [pool, norm] = [order.indexOf('pool1'), order.indexOf('norm1')];
  return {
    tensors,
    ...(pool >= 0 && norm >= 0 ? { variant: pool < norm ? 'caffenet' : 'caffe' } : {}),
    ...(lrn ? { lrn } : {}),
  };
}

/**
 * LRNParameter: local_size, alpha, beta, norm_region, k are 1 to 5. Caffe divides alpha by
 * local_size.
 */
async function readLrn(
  buffer: BufferedFile,
  { start, end }: { start: number; end: number },
): Promise<LrnOptions> {
  let [n, alpha, beta, k] = [5, 1, 0.75, 1];
  for await (const field of fields(buffer, start, end)) {
    if (field.number === 1 && field.wire === 0) n = field.value;
    else if (field.number === 4 && field.value !== 0)
      throw new Error('its LRN must normalize across channels, got within channels');
    else if (field.wire !== 5) continue;
    else if (field.number === 2) alpha = await float(buffer, field);
    else if (field.number === 3) beta = await float(buffer, field);
    else if (field.number === 5) k = await float(buffer, field);
  }
  return { n, k, alpha: alpha / n, beta };
}

/**
 * BlobProto: num, channels, height, width are 1 to 4, or `shape` is 7; data is 5, packed or not.
 */
async function readBlob(
  buffer: BufferedFile,
  { start, end }: { start: number; end: number },
  name: string,
): Promise<FileTensor> {
  const legacyShape = [1, 1, 1, 1];
  let newShape: number[] | undefined;
  const data: { start: number; end: number }[] = [];
  const doubles: { start: number; end: number }[] = [];
  for await (const field of fields(buffer, start, end)) {
    const { number, wire, value } = field;
    if (number >= 1 && number <= 4 && wire === 0) legacyShape[number - 1] = value;
    else if (number === 5) data.push(field);
    else if (number === 7 && wire === 2) newShape = await dims(buffer, field);
    else if (number === 8) doubles.push(field);
  }
  const shape = newShape ?? legacyShape;
  const [dtype, parts] = doubles.length > 0 ? ['F64', doubles] : ['F32', data];
  const { bytes: width, decode } = DECODERS[dtype]!;
  const bytes = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  if (bytes !== width * sizeOf(shape))
    throw new Error(
      `${name} with the shape ${shape.join(' × ')} must have ${width * sizeOf(shape)} bytes, got ${bytes}`,
    );
  return {
    dtype,
    shape,
    values: async (rows) =>
      decode(await readRanges(buffer.file, within(parts, rows && bytesOfRows(shape, width, rows)))),
  };
}

/** BlobShape: dim is field 1, packed or not. */
async function dims(
  buffer: BufferedFile,
  { start, end }: { start: number; end: number },
): Promise<number[]> {
  const shape: number[] = [];
  for await (const field of fields(buffer, start, end))
    if (field.number === 1) shape.push(...(await numbers(buffer, field)));
  return shape;
}

/** The layers with weights, which have the same names in Caffe. The last may have another name. */
const LAYERS_WITH_WEIGHTS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7'];
const LAST_LAYER = 'fc8';

/**
 * Returns the name of the last layer, which people rename when they fine-tune: `fc8_flickr`.
 * Undefined for another network.
 *
 * @throws WeightsError for an AlexNet with further layers.
 */
export function lastCaffeLayer(where: string, { tensors }: CaffeFile): string | undefined {
  const layers = new Set([...tensors.keys()].map((name) => name.replace(/\.\d+$/, '')));
  if (!LAYERS_WITH_WEIGHTS.every((layer) => layers.has(layer))) return undefined;
  const others = [...layers].filter((layer) => !LAYERS_WITH_WEIGHTS.includes(layer));
  const last = others.length === 1 ? others[0] : others.find((layer) => layer === LAST_LAYER);
  const unplaced = others.filter((layer) => layer !== last);
  if (unplaced.length > 0) {
    throw new WeightsError(
      where,
      unplaced.map(
        (layer) => `${layer}: has no place in Caffe's AlexNet (conv1 to fc7, and one last layer).`,
      ),
    );
  }
  return last;
}

/** Describes Caffe's model as a network of this library. */
export function caffe(
  where: string,
  { tensors, lrn }: CaffeFile,
  variant: 'caffe' | 'caffenet',
  lastLayer: string,
  mean: readonly [number, number, number] = CAFFE_MEAN,
): SourceModel {
  const nameOf = (layer: string) => (layer === LAST_LAYER ? lastLayer : layer);
  const widths = Object.fromEntries(
    [...LAYERS_WITH_WEIGHTS, LAST_LAYER].map((layer) => {
      const shape = tensors.get(`${nameOf(layer)}.0`)?.shape;
      return [layer, layer.startsWith('fc') ? shape?.at(-2) : shape?.[0]];
    }),
  );
  const options = lrn ? { lrn } : {};
  return {
    net: resized(
      where,
      variant === 'caffenet' ? caffeNet(1000, options) : caffeAlexNet(1000, options),
      widths,
    ),
    variant,
    preprocessing: { resize: 256, crop: 227, inputSize: 227, mean },
    nameOf(parameter) {
      const [layer, kind] = parameter.split('/') as [string, string];
      return `${nameOf(layer)}.${kind === 'kernel' ? 0 : 1}`;
    },
    bgr: true,
  };
}

/**
 * Reads a `mean.binaryproto` and returns its mean as red, green, blue, averaged over all pixels.
 *
 * @throws WeightsError if the file is not a BlobProto of three channels.
 */
export async function readCaffeMean(file: FileParts): Promise<[number, number, number]> {
  try {
    if (file.size > MAX_MEAN_BYTES)
      throw new Error(`it must have at most ${MAX_MEAN_BYTES} bytes, got ${file.size}`);
    const blob = await readBlob(new BufferedFile(file), { start: 0, end: file.size }, 'the mean');
    const values = (await blob.values()) as Float32Array;
    const channels = blob.shape.at(-3);
    if (channels !== 3 || values.length % 3 !== 0 || values.length === 0)
      throw new Error(`it must have three channels, got ${blob.shape.join(' × ') || 'none'}`);
    const area = values.length / 3;
    const [blue, green, red] = [0, 1, 2].map(
      (channel) =>
        values
          .subarray(channel * area, (channel + 1) * area)
          .reduce((sum, value) => sum + value, 0) / area,
    ) as [number, number, number];
    return [red, green, blue];
  } catch (error) {
    throw new WeightsError(
      file.name,
      [`not a mean file of Caffe (a BlobProto of three channels): ${reasonOf(error)}.`],
      { cause: error },
    );
  }
}
