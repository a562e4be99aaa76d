/** ImageNet's 1000 classes. Their data is a chunk of its own, which is loaded when it is asked for. */
import type { Label } from '../format/manifest';
import { withDistinctNames } from './labels';

/** One of ImageNet's classes. */
export interface ImageNetClass {
  /** The WordNet id: `n02012849`. */
  id: string;
  /** The names of WordNet, the usual one first: `great white shark`, `white shark`, …. */
  names: readonly string[];
}

/** Returns ImageNet's 1000 classes in the order of the outputs of its networks. */
export async function imagenetClasses(): Promise<ImageNetClass[]> {
  const { IMAGENET_CLASSES } = await import('./imagenetData');
  const lines = IMAGENET_CLASSES.trimEnd().split('\n');
  return lines.map((line) => ({ id: line.slice(0, 9), names: line.slice(10).split(', ') }));
}

/** Returns their labels: the first name, with the id for the two cranes and the two maillots. */
export const imagenetLabels = async (): Promise<Label[]> =>
  withDistinctNames(
    (await imagenetClasses()).map(({ id, names: [label] }) => ({ label: label!, id })),
  );
