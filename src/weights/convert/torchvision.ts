/** torchvision's `alexnet`, from its .pth or .safetensors: names, preprocessing and shapes. */
import { torchvisionAlexNet } from '../../alexnet';
import type { FileTensor } from './fileReader';
import { resized, type SourceModel } from './sourceModel';

/** torchvision numbers all of its layers, including ReLU, pooling and dropout. */
const NAMES: Readonly<Record<string, string>> = {
  conv1: 'features.0',
  conv2: 'features.3',
  conv3: 'features.6',
  conv4: 'features.8',
  conv5: 'features.10',
  fc6: 'classifier.1',
  fc7: 'classifier.4',
  fc8: 'classifier.6',
};

const KINDS: Readonly<Record<string, string>> = { kernel: 'weight', bias: 'bias' };

/** Returns torchvision's name of a parameter. */
export function torchvisionName(parameter: string): string {
  const [layer, kind] = parameter.split('/') as [string, string];
  return `${NAMES[layer]}.${KINDS[kind]}`;
}

/** `AlexNet_Weights.IMAGENET1K_V1.transforms()`, in levels of 0..255. */
export const TORCHVISION_PREPROCESSING = {
  resize: 256,
  crop: 224,
  inputSize: 224,
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
} as const;

export const isTorchvision = (tensors: ReadonlyMap<string, FileTensor>): boolean =>
  tensors.has('features.0.weight') && tensors.has('classifier.6.weight');

/** Describes torchvision's alexnet as a network of this library. */
export function torchvision(where: string, tensors: ReadonlyMap<string, FileTensor>): SourceModel {
  const widths = Object.fromEntries(
    Object.entries(NAMES).map(([layer, name]) => [layer, tensors.get(`${name}.weight`)?.shape[0]]),
  );
  return {
    net: resized(where, torchvisionAlexNet(), widths),
    variant: 'torchvision',
    preprocessing: TORCHVISION_PREPROCESSING,
    nameOf: torchvisionName,
  };
}
