/** Reads Caffe's .caffemodel: the blobs of each layer by name, as `conv1.0` (kernel) and `conv1.1` (bias), and what its AlexNets are here. */
import { caffeAlexNet, caffeNet } from '../../alexnet';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type StoredTensor } from './fileParts';
import type { Foreign } from './foreign';
import { Windowed, fields, varint } from './protobuf';

/** Caffe's mean of ImageNet in levels of red, green, blue: `imagenet_mean.binaryproto`, averaged over its pixels. */
const MEAN = [122.6789, 116.6688, 104.0069] as const;
/** Layers of AlexNet are 8, of ResNet-152 are some 600. */
const MAX_LAYERS = 4096;

/** NetParameter: `layers` of the old format is field 2, `layer` of the new one 100; their names are 4 and 1, their blobs 6 and 7. */
const LAYERS: Readonly<Record<number, { name: number; blobs: number }>> = { 2: { name: 4, blobs: 6 }, 100: { name: 1, blobs: 7 } };

/**
 * The blobs of a `.caffemodel`, by layer and place: `conv1.0`. Only names and shapes are read; a blob when it is asked for.
 *
 * @throws WeightsError for a file that is none or is cut short.
 */
export async function readCaffe(file: FileParts): Promise<Map<string, StoredTensor>> {
  const window = new Windowed(file);
  const tensors = new Map<string, StoredTensor>();
  try {
    let layers = 0;
    for await (const { number, wire, start, end } of fields(window, 0, file.size)) {
      const layer = LAYERS[number];
      if (!layer || wire !== 2) continue;
      if (++layers > MAX_LAYERS) throw new Error(`it has more than ${MAX_LAYERS} layers`);
      let name = '';
      const blobs: { start: number; end: number }[] = [];
      for await (const field of fields(window, start, end)) {
        if (field.number === layer.name && field.wire === 2) name = await window.text(field);
        else if (field.number === layer.blobs && field.wire === 2) blobs.push(field);
      }
      for (const [i, blob] of blobs.entries()) tensors.set(`${name}.${i}`, await readBlob(window, blob, `${name}.${i}`));
    }
  } catch (error) {
    throw new WeightsError(file.name, [`not a .caffemodel, or cut short: ${reasonOf(error)}.`]);
  }
  if (tensors.size === 0) throw new WeightsError(file.name, ['not a .caffemodel: it holds no layer with weights.']);
  return tensors;
}

/** BlobProto: num, channels, height, width are 1 to 4, or the dims of `shape`, 7; data is 5, packed or not. */
async function readBlob(window: Windowed, { start, end }: { start: number; end: number }, name: string): Promise<StoredTensor> {
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
  if (bytes !== 4 * sizeOf(sides)) throw new Error(`${name} of ${sides.join(' × ')} numbers has ${bytes} bytes`);
  return {
    dtype: 'F32',
    shape: sides,
    async values() {
      const joined = new Uint8Array(bytes);
      let at = 0;
      for (const part of data) {
        joined.set(await window.file.read(part.start, part.end), at);
        at += part.end - part.start;
      }
      return DECODERS.F32!.decode(joined);
    },
  };
}

async function dims(window: Windowed, { start, end }: { start: number; end: number }): Promise<number[]> {
  const sides: number[] = [];
  for await (const { number, wire, value, start: from, end: to } of fields(window, start, end)) {
    if (number !== 1) continue;
    if (wire === 0) sides.push(value);
    else {
      for (let at = from; at < to;) {
        const side = await varint(window, at, to);
        sides.push(side.value);
        at = side.next;
      }
    }
  }
  return sides;
}

export const isCaffe = (tensors: ReadonlyMap<string, StoredTensor>): boolean => tensors.has('conv1.0') && tensors.has('fc8.0');

/**
 * What a set made of such a file says beside its tensors. bvlc_alexnet and bvlc_reference_caffenet have the same layers by name and shape, so
 * that the file cannot tell them apart: `variant` must.
 */
export function caffe(
  where: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  variant: 'caffe' | 'caffenet',
  mean: readonly [number, number, number] = MEAN,
) {
  const classes = tensors.get('fc8.0')?.shape.filter((side) => side !== 1)[0];
  if (!classes) throw new WeightsError(where, ['fc8: the last layer of Caffe’s AlexNet is not in the file.']);
  const foreign: Foreign = {
    nameOf(parameter) {
      const [layer, kind] = parameter.split('/') as [string, string];
      return `${layer}.${kind === 'kernel' ? 0 : 1}`;
    },
    bgr: true,
  };
  return {
    net: variant === 'caffenet' ? caffeNet(classes) : caffeAlexNet(classes),
    variant,
    preprocessing: { resize: 256, crop: 227, inputSize: 227, mean },
    foreign,
  };
}

/**
 * The mean of a `mean.binaryproto` as red, green, blue: of a mean image, the average over its central crop would do as well, so that the
 * average over all of it is taken.
 *
 * @throws WeightsError for a file that is no BlobProto of three channels.
 */
export async function readCaffeMean(file: FileParts): Promise<[number, number, number]> {
  const window = new Windowed(file);
  try {
    const blob = await readBlob(window, { start: 0, end: file.size }, 'the mean');
    const values = (await blob.values()) as Float32Array;
    const channels = blob.shape.at(-3);
    if (channels !== 3) throw new Error(`it has ${channels} channels`);
    const area = values.length / 3;
    const means = [0, 1, 2].map(
      (channel) => values.subarray(channel * area, (channel + 1) * area).reduce((sum, value) => sum + value, 0) / area,
    );
    return [means[2]!, means[1]!, means[0]!];
  } catch (error) {
    throw new WeightsError(file.name, [`not a mean of Caffe's (a BlobProto of three channels): ${reasonOf(error)}.`]);
  }
}
