/** Reads Caffe's .caffemodel: the blobs of each layer by name, as `conv1.0` (kernel) and `conv1.1` (bias), and what its AlexNets are here. */
import type { LrnOptions } from '../../layers/lrn';
import { caffeAlexNet, caffeNet } from '../../alexnet';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, readPlaces, type FileParts, type FileTensor } from './fileReader';
import { resized, type Foreign } from './sourceModel';
import { Windowed, fields, float, numbers } from './protobuf';

/** Caffe's mean of ImageNet in levels of red, green, blue: `imagenet_mean.binaryproto`, averaged over its pixels. */
export const CAFFE_MEAN = [122.6789, 116.6688, 104.0069] as const;
/** Layers of AlexNet are 8, of ResNet-152 are some 600. */
const MAX_LAYERS = 4096;
/** A mean image of 256 × 256 has 0.8 MB. */
const MAX_MEAN_BYTES = 64 * 1024 * 1024;

/** NetParameter: `layers` of the old format is field 2, `layer` of the new one 100. Where a layer keeps its name, blobs and lrn_param. */
const LAYERS: Readonly<Record<number, { name: number; blobs: number; lrn: number }>> = {
  2: { name: 4, blobs: 6, lrn: 18 },
  100: { name: 1, blobs: 7, lrn: 118 },
};

/** A .caffemodel, of which only names and shapes were read. */
export interface CaffeFile {
  /** By layer and place: `conv1.0` is the kernel, `conv1.1` the bias. */
  tensors: Map<string, FileTensor>;
  /** What its layers say themselves: `bvlc_reference_caffenet` pools before it normalises. Undefined when they do not. */
  variant?: 'caffe' | 'caffenet';
  /** As norm1 has it, with alpha undivided as here. Undefined where the file has none. */
  lrn?: LrnOptions;
}

/**
 * Reads names and shapes of a `.caffemodel`; a blob when it is asked for.
 *
 * @throws WeightsError for a file that is none or is cut short.
 */
export async function readCaffe(file: FileParts): Promise<CaffeFile> {
  const window = new Windowed(file);
  const tensors = new Map<string, FileTensor>();
  const order: string[] = [];
  let lrn: LrnOptions | undefined;
  try {
    for await (const { number, wire, start, end } of fields(window, 0, file.size)) {
      const layer = LAYERS[number];
      if (!layer || wire !== 2) continue;
      let name = '';
      const blobs: { start: number; end: number }[] = [];
      for await (const field of fields(window, start, end)) {
        if (field.wire !== 2) continue;
        if (field.number === layer.name) name = await window.text(field);
        else if (field.number === layer.blobs) blobs.push(field);
        else if (field.number === layer.lrn) lrn ??= await readLrn(window, field);
      }
      if (order.push(name) > MAX_LAYERS) throw new Error(`it has more than ${MAX_LAYERS} layers`);
      for (const [i, blob] of blobs.entries())
        tensors.set(`${name}.${i}`, await readBlob(window, blob, `${name}.${i}`));
    }
  } catch (error) {
    throw new WeightsError(file.name, [`not a .caffemodel, or cut short: ${reasonOf(error)}.`], {
      cause: error,
    });
  }
  if (tensors.size === 0)
    throw new WeightsError(file.name, ['not a .caffemodel: it holds no layer with weights.']);
  const [pool, norm] = [order.indexOf('pool1'), order.indexOf('norm1')];
  return {
    tensors,
    ...(pool >= 0 && norm >= 0 ? { variant: pool < norm ? 'caffenet' : 'caffe' } : {}),
    ...(lrn ? { lrn } : {}),
  };
}

/** LRNParameter: local_size, alpha, beta, norm_region, k are 1 to 5. Caffe divides alpha by local_size. */
async function readLrn(
  window: Windowed,
  { start, end }: { start: number; end: number },
): Promise<LrnOptions> {
  let [n, alpha, beta, k] = [5, 1, 0.75, 1];
  for await (const field of fields(window, start, end)) {
    if (field.number === 1 && field.wire === 0) n = field.value;
    else if (field.number === 4 && field.value !== 0)
      throw new Error('its LRN normalises within channels, not across');
    else if (field.wire !== 5) continue;
    else if (field.number === 2) alpha = await float(window, field);
    else if (field.number === 3) beta = await float(window, field);
    else if (field.number === 5) k = await float(window, field);
  }
  return { n, k, alpha: alpha / n, beta };
}

/** BlobProto: num, channels, height, width are 1 to 4, or the dims of `shape`, 7; data is 5, packed or not. */
async function readBlob(
  window: Windowed,
  { start, end }: { start: number; end: number },
  name: string,
): Promise<FileTensor> {
  const old = [1, 1, 1, 1];
  let shape: number[] | undefined;
  const data: { start: number; end: number }[] = [];
  for await (const field of fields(window, start, end)) {
    const { number, wire, value } = field;
    if (number >= 1 && number <= 4 && wire === 0) old[number - 1] = value;
    else if (number === 5) data.push(field);
    else if (number === 7 && wire === 2) shape = await dims(window, field);
    else if (number === 8) throw new Error(`${name} is stored in double precision`);
  }
  const sides = shape ?? old;
  const bytes = data.reduce((sum, part) => sum + part.end - part.start, 0);
  if (bytes !== 4 * sizeOf(sides))
    throw new Error(`${name} of ${sides.join(' × ')} numbers has ${bytes} bytes`);
  return {
    dtype: 'F32',
    shape: sides,
    values: async () => DECODERS.F32!.decode(await readPlaces(window.file, data)),
  };
}

/** BlobShape: its sides are field 1, packed or not. */
async function dims(
  window: Windowed,
  { start, end }: { start: number; end: number },
): Promise<number[]> {
  const sides: number[] = [];
  for await (const field of fields(window, start, end))
    if (field.number === 1) sides.push(...(await numbers(window, field)));
  return sides;
}

export const isCaffe = ({ tensors }: CaffeFile): boolean =>
  tensors.has('conv1.0') && tensors.has('fc8.0');

/** Our layers with weights have Caffe's names. */
const LAYERS_WITH_WEIGHTS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];

/** What a set made of such a file says beside its tensors. */
export function caffe(
  where: string,
  { tensors, lrn }: CaffeFile,
  variant: 'caffe' | 'caffenet',
  mean: readonly [number, number, number] = CAFFE_MEAN,
): Foreign {
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
 * The mean of a `mean.binaryproto` as red, green, blue; of a mean image, the average over its pixels.
 *
 * @throws WeightsError for a file that is no BlobProto of three channels.
 */
export async function readCaffeMean(file: FileParts): Promise<[number, number, number]> {
  try {
    if (file.size > MAX_MEAN_BYTES) throw new Error(`it has ${file.size} bytes`);
    const blob = await readBlob(new Windowed(file), { start: 0, end: file.size }, 'the mean');
    const values = (await blob.values()) as Float32Array;
    const channels = blob.shape.at(-3);
    if (channels !== 3 || values.length % 3 !== 0 || values.length === 0)
      throw new Error(`its shape is ${blob.shape.join(' × ') || 'empty'}`);
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
      [`not a mean of Caffe's (a BlobProto of three channels): ${reasonOf(error)}.`],
      { cause: error },
    );
  }
}
