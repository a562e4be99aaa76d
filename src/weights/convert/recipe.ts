/** Converts a file of the recipe (weights/imagenet-293/recipe) to a set of weights. */
import { WeightsError } from '../../errors';
import type { Sequential } from '../../layers/sequential';
import { encode, encodeInt8, type Encoded } from '../format/quantize';
import type { ManifestFacts } from '../save/write';
import type { FileParts } from './fileReader';
import { RECIPE, convertExported, readFacts } from './alexnetMetadata';
import { storedAs } from './conversionTable';
import type { EncodeOptions } from './encodeModel';
import { classifierStart } from './sourceModel';
import { readSafetensors, type Safetensors } from './safetensors';

/** A converted file: the facts of its manifest, and its tensors. */
export interface Converted {
  facts: ManifestFacts;
  /** In the order of the layers, convolutions first; each is read on demand. */
  tensors: AsyncIterable<Encoded>;
  /** The first tensor of the dense layers. The tensors before it are enough to extract features. */
  classifierStartsAt: string | undefined;
}

/**
 * Converts a `.safetensors` file with `<layer>.kernel` (HWIO, or `[in, out]`) and `<layer>.bias`
 * for each layer, and the facts of a manifest as JSON under `alexnet-ts` in the metadata. An int8
 * kernel needs a `<layer>.kernel.scale` with a factor per output channel and is stored unchanged;
 * any other is stored as `quantize` says.
 *
 * @throws WeightsError listing every missing tensor.
 */
export const convertRecipe = async (
  file: FileParts,
  options: EncodeOptions = {},
): Promise<Converted> => recipe(file.name, await readSafetensors(file), options);

/** Like `convertRecipe`, for a parsed file. Also accepts `exportModel`'s PyTorch layouts. */
export function recipe(
  where: string,
  { tensors, metadata }: Safetensors,
  options: EncodeOptions,
): Converted {
  const text = metadata[RECIPE];
  if (text === undefined) {
    throw new WeightsError(where, [
      `the metadata must have "${RECIPE}" (network, labels, preprocessing), got none. Is it a file of this project's recipe?`,
    ]);
  }
  const { facts, net, layout } = readFacts(where, text);
  if (layout !== 'alexnet-ts')
    return convertExported({ where, facts, net, layout, tensors }, options);

  const missing = Object.keys(net.params())
    .map(parameterInRecipe)
    .filter((from) => !tensors.has(from));
  if (missing.length > 0) {
    const names = [...tensors.keys()].slice(0, 20).join(', ') || 'none';
    throw new WeightsError(
      where,
      missing.map((from) => `${from}: must be in the file, got ${names}.`),
    );
  }
  return {
    facts,
    tensors: encodeRecipe(where, net, tensors, options),
    classifierStartsAt: classifierStart(net),
  };
}

/** Returns the name of a parameter in a recipe file. */
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
          `${from}: int8 values must come with ${from}.scale, a factor per output channel.`,
        ]);
      onTensor?.({ from, to, shape, transposed: '', as: 'uint8, a factor per channel' });
      yield* encodeInt8(to, shape, numbers, (await scale.values()) as Float32Array);
    } else {
      const parts = encode(to, shape, numbers, quantize);
      onTensor?.({ from, to, shape, transposed: '', as: storedAs(parts, dtype) });
      yield* parts;
    }
  }
}
