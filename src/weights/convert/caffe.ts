/** Reads Caffe's .caffemodel and maps its AlexNets to networks of this library. */
import type { LrnOptions } from '../../layers/lrn';
import { caffeAlexNet, caffeNet } from '../../alexnet';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, readRanges, type FileParts, type FileTensor } from './fileReader';
import { resized, type SourceModel } from './sourceModel';
import { BufferedFile, fields, float, numbers } from './protobuf';

/**
 * Caffe's mean of ImageNet as red, green, blue: `imagenet_mean.binaryproto`, averaged over its
 * pixels.
 */
export const CAFFE_MEAN = [122.6789, 116.6688, 104.0069] as const;
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
   * `caffenet` if the network pools before it normalizes, as `bvlc_reference_caffenet` does.
   * Undefined if the file does not say.
   */
  variant?: 'caffe' | 'caffenet';
  /** The LRN options, with alpha already divided by n. Undefined if the file has none. */
  lrn?: LrnOptions;
}

/**
 * Reads the names and shapes of a `.caffemodel`. Its blobs are read on demand.
 *
 * @throws WeightsError for a file of another format or a truncated one.
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
  for await (const field of fields(buffer, start, end)) {
    const { number, wire, value } = field;
    if (number >= 1 && number <= 4 && wire === 0) legacyShape[number - 1] = value;
    else if (number === 5) data.push(field);
    else if (number === 7 && wire === 2) newShape = await dims(buffer, field);
    else if (number === 8)
      throw new Error(`${name} must be stored in single precision, got double`);
  }
  const shape = newShape ?? legacyShape;
  const bytes = data.reduce((sum, part) => sum + part.end - part.start, 0);
  if (bytes !== 4 * sizeOf(shape))
    throw new Error(
      `${name} with the shape ${shape.join(' × ')} must have ${4 * sizeOf(shape)} bytes, got ${bytes}`,
    );
  return {
    dtype: 'F32',
    shape,
    values: async () => DECODERS.F32!.decode(await readRanges(buffer.file, data)),
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

export const isCaffe = ({ tensors }: CaffeFile): boolean =>
  tensors.has('conv1.0') && tensors.has('fc8.0');

/** The layers with weights, which have the same names in Caffe. */
const LAYERS_WITH_WEIGHTS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];

/** Describes Caffe's model as a network of this library. */
export function caffe(
  where: string,
  { tensors, lrn }: CaffeFile,
  variant: 'caffe' | 'caffenet',
  mean: readonly [number, number, number] = CAFFE_MEAN,
): SourceModel {
  const widths = Object.fromEntries(
    LAYERS_WITH_WEIGHTS.map((layer) => {
      const shape = tensors.get(`${layer}.0`)?.shape;
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
      return `${layer}.${kind === 'kernel' ? 0 : 1}`;
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
