/** torchvision's `alexnet`, from its .pth or .safetensors: names, preprocessing and shapes. */
import { torchvisionAlexNet } from '../../alexnet';
import { WeightsError } from '../../errors';
import type { FileTensor } from './fileReader';
import { isFloat, resized, type BatchNorm, type SourceModel } from './sourceModel';
import { SeveralNetworks, torchvisionNames } from './stateDict';
import { TORCHVISION_NAMES, noPlace, readLayout } from './torchvisionLayout';

const KINDS: Readonly<Record<string, string>> = { kernel: 'weight', bias: 'bias' };

/** Returns torchvision's name of a parameter. */
export function torchvisionName(parameter: string): string {
  const [layer, kind] = parameter.split('/') as [string, string];
  return `${TORCHVISION_NAMES[layer]}.${KINDS[kind]}`;
}

/** `AlexNet_Weights.IMAGENET1K_V1.transforms()`, in levels of 0..255. */
export const TORCHVISION_PREPROCESSING = {
  resize: 256,
  crop: 224,
  inputSize: 224,
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
} as const;

/** The epsilon of nn.BatchNorm2d, which a state dict does not store. */
const BATCH_NORM_EPSILON = 1e-5;

/**
 * Describes a state dict of torchvision's alexnet as a network of this library. Returns undefined
 * for another network.
 *
 * @throws WeightsError for an AlexNet with other layers, naming the tensors that have no place.
 */
export function torchvision(
  where: string,
  tensors: ReadonlyMap<string, FileTensor>,
  onNote: (note: string) => void = () => {},
): SourceModel | undefined {
  let found;
  try {
    found = torchvisionNames(tensors.keys());
  } catch (error) {
    if (error instanceof SeveralNetworks) throw new WeightsError(where, [error.message]);
    throw error;
  }
  if (!found) return undefined;
  const { names, removed, others } = found;
  const tensorOf = (name: string) => tensors.get(names.get(name) ?? '');
  const layout = readLayout(names, tensorOf);
  const isMatrix = (name: string) => tensors.get(name)!.shape.length > 1;
  const outside = others.filter((name) => isFloat(tensors.get(name)!));
  const layersOutside = new Set(outside.filter(isMatrix).map((name) => name.replace(/\.\w+$/, '')));
  const ignored: string[] = [];
  for (const name of outside) {
    const isLayer = layersOutside.has(name.replace(/\.\w+$/, ''));
    if (isLayer || removed.length === 0) layout.problems.push(noPlace(name));
    else ignored.push(name);
  }
  if (layout.problems.length > 0) throw new WeightsError(where, layout.problems);
  if (removed.length > 0)
    onNote(
      `Removed ${removed.map((part) => `"${part}"`).join(' and ')} from the names of the tensors.`,
    );
  if (ignored.length > 0) onNote(`Left out ${ignored.join(', ')}, which the network does not use.`);
  for (const note of layout.notes) onNote(note);

  const { modules, batchNorms, head } = layout;
  const channels = tensorOf(`${modules.get('conv1')}.weight`)!.shape[1];
  if (channels !== 3) {
    throw new WeightsError(where, [
      `${names.get(`${modules.get('conv1')}.weight`)}: must take the 3 channels red, green and blue, got ${channels}. A network for ${channels === 1 ? 'gray' : 'such'} images cannot be converted.`,
    ]);
  }
  const widths = Object.fromEntries(
    [...modules].map(([layer, name]) => [layer, tensorOf(`${name}.weight`)?.shape[0]]),
  );
  const inFile = (module: string, kind: string) => names.get(`${module}.${kind}`);
  return {
    net: resized(where, torchvisionAlexNet(), widths, head),
    variant: 'torchvision',
    preprocessing: TORCHVISION_PREPROCESSING,
    nameOf(parameter) {
      const [layer, kind] = parameter.split('/') as [string, string];
      const name = `${modules.get(layer)}.${KINDS[kind]}`;
      return names.get(name) ?? name;
    },
    batchNorms: new Map(
      [...batchNorms].map(([layer, module]): [string, BatchNorm] => [
        layer,
        {
          factor: inFile(module, 'weight'),
          shift: inFile(module, 'bias'),
          mean: inFile(module, 'running_mean')!,
          variance: inFile(module, 'running_var')!,
          epsilon: BATCH_NORM_EPSILON,
        },
      ]),
    ),
  };
}
