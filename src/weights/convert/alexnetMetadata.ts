/** The metadata that `exportModel` and the recipe store, from which `convert` restores the set. */
import { WeightsError, describe, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import type { Sequential } from '../../layers/sequential';
import type { ManifestFacts } from '../save/write';
import type { FileTensor } from './fileReader';
import { encodeSourceModel, type EncodeOptions } from './encodeModel';
import { classifierStart } from './sourceModel';
import type { Converted } from './recipe';
import { torchvisionName } from './torchvision';

/**
 * How a file names its tensors: `conv1.kernel`, `conv1.weight` as in a PyTorch module, or
 * `features.0.weight` as in torchvision's alexnet.
 */
export type Layout = 'alexnet-ts' | 'pytorch' | 'torchvision';

/** Functions that return the name of a parameter (`conv1/kernel`) in PyTorch's layouts. */
export const PYTORCH_NAMES: Readonly<
  Record<Exclude<Layout, 'alexnet-ts'>, (parameter: string) => string>
> = {
  pytorch: (parameter) => parameter.replace(/\/kernel$/, '.weight').replace(/\/bias$/, '.bias'),
  torchvision: torchvisionName,
};

/** The metadata key of the manifest's facts. */
export const RECIPE = 'alexnet-ts';

/**
 * Parses the facts in a file's metadata.
 * @throws WeightsError if they are malformed, or were written by a newer version of this library.
 */
export function readFacts(
  where: string,
  text: string,
): { facts: ManifestFacts; net: Sequential; layout: Layout } {
  let read: ManifestFacts & { layout?: unknown };
  try {
    read = JSON.parse(text) as ManifestFacts;
    JSON.stringify(read); // fails now, not on writing, if it is nested too deeply
  } catch (error) {
    throw new WeightsError(where, [
      `"${RECIPE}" in the metadata must be JSON (${reasonOf(error)}).`,
    ]);
  }
  if (typeof read !== 'object' || read === null) {
    throw new WeightsError(where, [
      `"${RECIPE}" in the metadata must be an object, got ${describe(read)}.`,
    ]);
  }
  const { layout = 'alexnet-ts', ...facts } = read;
  if (layout !== 'alexnet-ts' && layout !== 'pytorch' && layout !== 'torchvision') {
    throw new WeightsError(where, [
      `layout in the metadata must be alexnet-ts, pytorch or torchvision, got ${describe(layout)}. Update alexnet-ts.`,
    ]);
  }
  const net = sequentialFromJSON(facts.network);
  return { facts: { ...facts, network: net.toJSON() }, net, layout }; // with every layer's defaults
}

/** A file that `exportModel` wrote with PyTorch's or ONNX's tensor layout. */
export interface ExportedFile {
  /** The file name, for error messages. */
  where: string;
  facts: ManifestFacts;
  net: Sequential;
  layout: Exclude<Layout, 'alexnet-ts'>;
  tensors: ReadonlyMap<string, FileTensor>;
}

/** Converts a file that `exportModel` wrote with PyTorch's or ONNX's tensor layout. */
export function convertExported(
  { where, facts, net, layout, tensors }: ExportedFile,
  options: EncodeOptions,
): Converted {
  const nested = Object.keys(net.params()).find((parameter) => parameter.split('/').length !== 2);
  if (nested) throw new WeightsError(where, [`the network must not be nested, got ${nested}.`]);
  const { variant, preprocessing } = facts;
  const source = { net, variant, preprocessing, nameOf: PYTORCH_NAMES[layout] };
  return {
    facts,
    tensors: encodeSourceModel(source, where, tensors, options),
    classifierStartsAt: classifierStart(net),
  };
}
