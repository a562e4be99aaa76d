/** `alexnet inspect`: prints the contents of a set of weights. */
import { summarize } from '../layers/summary';
import { noCache } from '../weights/read/cache';
import { defaultSet } from '../weights/read/defaultSet';
import { inflatedBytes, type MeasuredAccuracy } from '../weights/format/manifest';
import { readManifest, readTensors } from '../weights/read/read';
import { weightSource } from '../weights/read/source';
import { progressBar } from './progress';
import { oneLine, printJSON } from './terminal';
import { setOf, type SourceOptions } from './weights';

interface InspectCommandOptions extends SourceOptions {
  verify?: boolean;
  weights?: string;
  json?: boolean;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** The accuracy in a set. Earlier versions wrote `pictures` instead of `images`. */
type FormerAccuracy = MeasuredAccuracy & { pictures?: number };

const accuracyOf = ({ top1, top5, on, ...counts }: FormerAccuracy): string =>
  `top-1 ${(100 * top1).toFixed(1)} %, top-5 ${(100 * top5).toFixed(1)} % on ${oneLine(on)} (${counts.images ?? counts.pictures} images)`;

/**
 * Prints the layers, sizes, preprocessing, accuracy and origin of a set. With `verify`, also reads
 * every shard and checks its hash.
 */
export async function inspectSet(
  address: string | undefined,
  { verify, weights, json, ...options }: InspectCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const source = weightSource(
    (await setOf(address ?? weights, 'inspect', options)) ?? (await defaultSet()),
  );
  const { net, ...manifest } = await readManifest(source);
  if (verify) {
    const bar = progressBar('verifying', 100, '{phase} {percentage} %');
    const onProgress = ({
      phase,
      loaded,
      total,
    }: {
      phase: string;
      loaded: number;
      total: number;
    }) => bar.update(Math.round((100 * loaded) / total), { phase });
    try {
      await readTensors(source, { ...manifest, net }, { onProgress, cache: noCache() }, () => {});
    } finally {
      bar.stop();
    }
  }
  const { layers, parameters, multiplyAdds } = summarize(net);
  const stored = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const inflated = manifest.shards.reduce((sum, shard) => sum + inflatedBytes(shard), 0);
  const {
    name,
    variant,
    preprocessing,
    labels,
    licence, // in sets of earlier versions
    license = licence,
    provenance,
    accuracy,
    shards,
    base,
    tuning,
  } = manifest as typeof manifest & { licence?: string };
  if (json) {
    const facts = {
      name,
      variant,
      layers,
      parameters,
      multiplyAdds,
      classes: labels.length,
      preprocessing,
      bytes: { stored, inflated, float32: 4 * parameters },
      shards,
      license,
      provenance,
      accuracy,
      base,
      tuning,
    };
    printJSON({ ...facts, ...(verify ? { verified: true } : {}) });
    return { done: 1, skipped: 0 };
  }
  const { resize, crop, inputSize, mean, std } = preprocessing;
  const lines = [
    `${oneLine(name)} (${oneLine(variant)}), ${labels.length} classes`,
    '',
    String(summarize(net)),
    '',
    `bytes           ${megabytes(stored)} stored in ${shards.length} shards, ${megabytes(inflated)} inflated, ${megabytes(4 * parameters)} as float32`,
    `preprocessing   shorter side to ${resize}, crop ${crop}, to ${inputSize} pixels, minus (${mean.join(', ')})${std ? `, divided by (${std.join(', ')})` : ''}`,
  ];
  if (accuracy) lines.push(`accuracy        ${accuracyOf(accuracy)}`);
  if (accuracy?.tenCrops) lines.push(`                ${accuracyOf(accuracy.tenCrops)}, ten crops`);
  if (base)
    lines.push(
      `base            ${oneLine(base.name)} (SHA-256 ${base.hash.slice(0, 12)}…), for ${base.layers.join(', ')}`,
    );
  const [first, last] = [tuning?.history[0], tuning?.history.at(-1)];
  if (first && last)
    lines.push(
      `tuned           ${last.epoch} epochs, training loss ${first.loss.toFixed(3)} → ${last.loss.toFixed(3)}`,
    );
  if (provenance) lines.push(`provenance      ${oneLine(provenance)}`);
  if (license) lines.push(`license         ${oneLine(license)}`);
  if (verify) lines.push('verified        every shard has the right size and SHA-256');
  console.log(lines.join('\n'));
  return { done: 1, skipped: 0 };
}
