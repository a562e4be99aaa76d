/** ImageNet's 1000 classes. Their data is a separate chunk, which is loaded on demand. */
import type { Label } from '../format/manifest';
import { withDistinctNames } from './labels';

/** One of ImageNet's classes. */
export interface ImageNetClass {
  /** The WordNet ID: `n02012849`. */
  id: string;
  /** WordNet's names, the usual one first: `great white shark`, `white shark`, … */
  names: readonly string[];
}

/** Returns ImageNet's 1000 classes in the order of the outputs of its networks. */
export async function imagenetClasses(): Promise<ImageNetClass[]> {
  const { IMAGENET_CLASSES } = await import('./imagenetData');
  const lines = IMAGENET_CLASSES.trimEnd().split('\n');
  return lines.map((line) => ({ id: line.slice(0, 9), names: line.slice(10).split(', ') }));
}

/** Returns their labels: the first name, plus the ID for the two cranes and the two maillots. */
export const imagenetLabels = async (): Promise<Label[]> =>
  withDistinctNames(
    (await imagenetClasses()).map(({ id, names: [label] }) => ({ label: label!, id })),
  );
