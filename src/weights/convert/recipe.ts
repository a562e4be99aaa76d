/** From what the recipe wrote (weights/tiny-imagenet-200/recipe) to the tensors and facts of a set. */
import { WeightsError, describe, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import { encode, encodeCodes, type Encoded, type StoredType } from '../quantize';
import type { ManifestFacts } from '../write';
import type { FileParts } from './fileParts';
import type { ConvertedTensor } from './foreign';
import { readSafetensors } from './safetensors';

export interface Converted {
  facts: ManifestFacts;
  /** In the order of the layers: the convolutions first. */
  tensors: Encoded[];
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
export async function convertRecipe(
  file: FileParts,
  { quantize = 'float32', onTensor }: { quantize?: StoredType; onTensor?: (converted: ConvertedTensor) => void } = {},
): Promise<Converted> {
  const { tensors, metadata } = await readSafetensors(file);
  const about = metadata['alexnet-ts'];
  if (about === undefined) {
    throw new WeightsError(file.name, [
      'its metadata says nothing under "alexnet-ts" (network, labels, preprocessing), so it is not of this project\'s recipe. Other files cannot be converted yet.',
    ]);
  }
  let facts: ManifestFacts;
  try {
    facts = JSON.parse(about) as ManifestFacts;
  } catch (error) {
    throw new WeightsError(file.name, [`"alexnet-ts" in its metadata is no JSON (${reasonOf(error)}).`]);
  }
  if (typeof facts !== 'object' || facts === null)
    throw new WeightsError(file.name, [`"alexnet-ts" in its metadata is an object, got ${describe(facts)}.`]);
  const net = sequentialFromJSON(facts.network);
  facts = { ...facts, network: net.toJSON() }; // with the defaults of every layer spelt out

  const wanted = Object.keys(net.params()).map((to) => ({ to, from: to.replace('/', '.') }));
  const missing = wanted.filter(({ from }) => !tensors.has(from));
  if (missing.length > 0) {
    const names = [...tensors.keys()].join(', ') || 'none';
    throw new WeightsError(
      file.name,
      missing.map(({ from }) => `${from}: the network needs it; the file has ${names}.`),
    );
  }
  const encoded: Encoded[] = [];
  for (const { from, to } of wanted) {
    const { shape, dtype, values } = tensors.get(from)!;
    const scale = tensors.get(`${from}.scale`);
    const numbers = await values();
    if (numbers instanceof Int8Array) {
      if (!scale) throw new WeightsError(file.name, [`${from}: int8 codes need ${from}.scale, a factor for each output channel.`]);
      encoded.push(...encodeCodes(to, shape, numbers, (await scale.values()) as Float32Array));
      onTensor?.({ from, to, shape, as: 'uint8 codes, a factor a channel' });
    } else {
      const parts = encode(to, shape, numbers, quantize);
      encoded.push(...parts);
      onTensor?.({
        from,
        to,
        shape,
        as: `${parts.at(-1)!.entry.quantization?.dtype ?? 'float32'}${dtype === 'F32' ? '' : ` (from ${dtype})`}`,
      });
    }
  }
  const dense = net.names.find((name) => net.layers[name]!.type === 'dense');
  return { facts, tensors: encoded, classifierStartsAt: encoded.find(({ entry }) => entry.name.startsWith(`${dense}/`))?.entry.name };
}
