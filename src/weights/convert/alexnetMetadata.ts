/** What `exportModel` and the recipe write beside the tensors, so that a file comes back as the set that it was made of. */
import { WeightsError, describe, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import type { Sequential } from '../../layers/sequential';
import type { ManifestFacts } from '../save/write';
import type { FileTensor } from './fileReader';
import { classifierStart, encodeForeign, type EncodeOptions } from './sourceModel';
import type { Converted } from './recipe';
import { torchvisionName } from './torchvision';

/** What files call their tensors: as here, as modules of PyTorch with our names of layers, or as torchvision's alexnet. */
export type Layout = 'alexnet-ts' | 'pytorch' | 'torchvision';

/** What a parameter of ours, `conv1/kernel`, is called where kernels are turned as PyTorch has them. */
export const THEIR_NAMES: Readonly<
  Record<Exclude<Layout, 'alexnet-ts'>, (parameter: string) => string>
> = {
  pytorch: (parameter) => parameter.replace(/\/kernel$/, '.weight').replace(/\/bias$/, '.bias'),
  torchvision: torchvisionName,
};

/** What the facts stand under in the metadata of a file. */
export const RECIPE = 'alexnet-ts';

/** Facts as a file's metadata holds them. */
export function readFacts(
  where: string,
  about: string,
): { facts: ManifestFacts; net: Sequential; layout: Layout } {
  let read: ManifestFacts & { layout?: unknown };
  try {
    read = JSON.parse(about) as ManifestFacts;
    JSON.stringify(read); // it will be written: what is nested without end is refused now
  } catch (error) {
    throw new WeightsError(where, [
      `"${RECIPE}" in its metadata cannot be read as JSON (${reasonOf(error)}).`,
    ]);
  }
  if (typeof read !== 'object' || read === null) {
    throw new WeightsError(where, [
      `"${RECIPE}" in its metadata is an object, got ${describe(read)}.`,
    ]);
  }
  const { layout = 'alexnet-ts', ...facts } = read;
  if (layout !== 'alexnet-ts' && layout !== 'pytorch' && layout !== 'torchvision') {
    throw new WeightsError(where, [
      `"${RECIPE}" in its metadata names the layout ${describe(layout)}, which is not known here. Update alexnet-ts.`,
    ]);
  }
  const net = sequentialFromJSON(facts.network);
  return { facts: { ...facts, network: net.toJSON() }, net, layout }; // with the defaults of every layer spelt out
}

/** A file with the tensors as PyTorch and ONNX hold them. */
export function exported(
  where: string,
  facts: ManifestFacts,
  net: Sequential,
  layout: Exclude<Layout, 'alexnet-ts'>,
  tensors: ReadonlyMap<string, FileTensor>,
  options: EncodeOptions,
): Converted {
  const deep = Object.keys(net.params()).find((parameter) => parameter.split('/').length !== 2);
  if (deep)
    throw new WeightsError(where, [
      `${deep} is of a network within the network, which no such file holds.`,
    ]);
  const { variant, preprocessing } = facts;
  const foreign = { net, variant, preprocessing, nameOf: THEIR_NAMES[layout] };
  return {
    facts,
    tensors: encodeForeign(foreign, where, tensors, options),
    classifierStartsAt: classifierStart(net),
  };
}
