/** What a manifest says of its stored files, checked: that they lie in its folder, are not too long, and hold what the tensors need. */
import { describe, describeJson } from '../../errors';
import type { Manifest, Shard } from './manifest';
import { isRecord } from '../../platform/typeGuards';

/** The largest stored file: mobile browsers cache and hash it without trouble. */
export const MAX_SHARD_BYTES = 4 * 1024 * 1024;
/** As many problems are told of one part of a manifest: a hostile one could have a million. */
export const MAX_PROBLEMS = 100;
/** Bytes that deflate makes of one, at most: a shard that promises more would only have us allocate them. */
const MOST_OF_ONE = 1032;

/** Paths that URLs or file systems take elsewhere: `/a`, `../a`, `x:a`, `C|a`, `%2e%2e/a`, and blanks that URLs leave out. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const LEAVES_FOLDER = /^[/ ]|(^|\/)\.\.(\/|$)|[\\:|%?#\u0000-\u001f]/;

/**
 * What is wrong with `shards`, a sentence each. `needed` is how many bytes the tensors take, and undefined where that is not known.
 */
export function checkShards(json: Record<string, unknown>, needed: number | undefined): string[] {
  if (!Array.isArray(json.shards))
    return [`shards is a list of { "path", "bytes", "sha256" }, got ${describe(json.shards)}.`];
  const problems: string[] = [];
  let readable = true;
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
  for (const [i, shard] of json.shards.entries()) {
    if (problems.length >= MAX_PROBLEMS) return problems;
    const inflated = isRecord(shard) ? shard.inflated : undefined;
    const fits =
      isRecord(shard) &&
      typeof shard.path === 'string' &&
      isCount(shard.bytes) &&
      isHash(shard.sha256) &&
      (inflated === undefined
        ? !shard.path.endsWith('.gz')
        : isRecord(inflated) && isCount(inflated.bytes) && isHash(inflated.sha256));
    if (!fits) {
      readable = false;
      problems.push(
        `shards[${i}] has path, bytes, sha256 (64 hexadecimal digits), and inflated if it is a .gz, got ${describeJson(shard)}.`,
      );
    } else if (LEAVES_FOLDER.test(shard.path as string)) {
      problems.push(
        `shards[${i}]: its path stays in the folder of model.json, got ${describe(shard.path)}.`,
      );
    } else if ((shard.bytes as number) > MAX_SHARD_BYTES) {
      problems.push(
        `${shard.path as string}: a shard has at most ${MAX_SHARD_BYTES} bytes, got ${shard.bytes as number}.`,
      );
    } else if (
      isRecord(inflated) &&
      (inflated.bytes as number) > MOST_OF_ONE * (shard.bytes as number)
    ) {
      problems.push(
        `${shard.path as string}: ${shard.bytes as number} bytes cannot inflate to ${inflated.bytes as number}.`,
      );
    }
  }
  if (!readable || needed === undefined) return problems;
  const shards = json.shards as Shard[];
  const paths = (json.weightsManifest as Manifest['weightsManifest']).flatMap(
    (group) => group.paths,
  );
  if (paths.join('\n') !== shards.map((shard) => shard.path).join('\n')) {
    problems.push(
      'shards lists other files, or in another order, than the paths of weightsManifest.',
    );
  }
  const there = shards.reduce((sum, { inflated, bytes }) => sum + (inflated?.bytes ?? bytes), 0);
  if (there !== needed)
    problems.push(`the shards hold ${there} bytes, but the tensors need ${needed}.`);
  return problems;
}
