/** From what the recipe wrote (weights/tiny-imagenet-200/recipe) to the tensors and facts of a set. */
import { WeightsError } from '../../errors';
import type { Sequential } from '../../layers/sequential';
import { encode, encodeInt8, type Encoded } from '../format/quantize';
import type { ManifestFacts } from '../save/write';
import type { FileParts } from './fileReader';
import { RECIPE, exported, readFacts } from './alexnetMetadata';
import { classifierStart, storedAs, type EncodeOptions } from './sourceModel';
import { readSafetensors, type Safetensors } from './safetensors';

/** What a file was converted to: what its manifest says, and its tensors as they are asked for. */
export interface Converted {
  facts: ManifestFacts;
  /** In the order of the layers, the convolutions first; each is read when it is asked for. */
  tensors: AsyncIterable<Encoded>;
  /** The first tensor of the fully connected layers, 96 % of the bytes: what comes before it gives features already. */
  classifierStartsAt: string | undefined;
}

/**
 * Reads a `.safetensors` file with `<layer>.kernel` (HWIO, or `[in, out]`) and `<layer>.bias` for each layer, and what a manifest says beside
 * its tensors as JSON under `alexnet-ts` in the metadata. A kernel of int8 codes has a `<layer>.kernel.scale` for each output channel and stays
 * as it is; any other is stored as `quantize` says. `onTensor` is told of each.
 *
 * @throws WeightsError for what is missing, listing everything at once.
 */
export const convertRecipe = async (
  file: FileParts,
  options: EncodeOptions = {},
): Promise<Converted> => recipe(file.name, await readSafetensors(file), options);

/** The same, of a file whose header was read; one that `exportModel` wrote in PyTorch's layout too. */
export function recipe(
  where: string,
  { tensors, metadata }: Safetensors,
  options: EncodeOptions,
): Converted {
  const about = metadata[RECIPE];
  if (about === undefined) {
    throw new WeightsError(where, [
      `its metadata says nothing under "${RECIPE}" (network, labels, preprocessing), so it is not of this project's recipe.`,
    ]);
  }
  const { facts, net, layout } = readFacts(where, about);
  if (layout !== 'alexnet-ts') return exported(where, facts, net, layout, tensors, options);

  const missing = Object.keys(net.params())
    .map(parameterInRecipe)
    .filter((from) => !tensors.has(from));
  if (missing.length > 0) {
    const names = [...tensors.keys()].slice(0, 20).join(', ') || 'none';
    throw new WeightsError(
      where,
      missing.map((from) => `${from}: the network needs it; the file has ${names}.`),
    );
  }
  return {
    facts,
    tensors: encodeRecipe(where, net, tensors, options),
    classifierStartsAt: classifierStart(net),
  };
}

/** What the recipe calls a parameter. */
export const parameterInRecipe = (parameter: string): string => parameter.replace('/', '.');

async function* encodeRecipe(
  where: string,
  net: Sequential,
  tensors: Safetensors['tensors'],
  { quantize = 'float32', onTensor }: EncodeOptions,
): AsyncGenerator<Encoded, void, undefined> {
  for (const to of Object.keys(net.params())) {
    const from = parameterInRecipe(to);
    const { shape, dtype, values } = tensors.get(from)!;
    const scale = tensors.get(`${from}.scale`);
    const numbers = await values();
    if (numbers instanceof Int8Array) {
      if (!scale)
        throw new WeightsError(where, [
          `${from}: int8 codes need ${from}.scale, a factor for each output channel.`,
        ]);
      onTensor?.({ from, to, shape, turned: '', as: 'uint8 codes, a factor a channel' });
      yield* encodeInt8(to, shape, numbers, (await scale.values()) as Float32Array);
    } else {
      const parts = encode(to, shape, numbers, quantize);
      onTensor?.({ from, to, shape, turned: '', as: storedAs(parts, dtype) });
      yield* parts;
    }
  }
}
