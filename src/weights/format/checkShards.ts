/** Validates the manifest's `shards`: paths inside the set's folder, file sizes and hashes. */
import { describe, describeJson } from '../../errors';
import type { Manifest, Shard } from './manifestTypes';
import { isRecord } from '../../platform/typeGuards';

/** The largest stored file, which mobile browsers can cache and hash without trouble. */
export const MAX_SHARD_BYTES = 4 * 1024 * 1024;
/** Maximum number of problems reported per part of a manifest: malicious ones may have millions. */
export const MAX_PROBLEMS = 100;
/** The highest compression ratio of deflate, which limits the memory allocated for a shard. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Paths that a URL or file system may resolve to outside the folder: `/a`, `../a`, `x:a`, `C|a`,
 * `%2e%2e/a`, and those with whitespace that URLs strip.
 */
// eslint-disable-next-line no-control-regex -- it matches them on purpose
const LEAVES_FOLDER = /^[/ ]|(^|\/)\.\.(\/|$)|[\\:|%?#\u0000-\u001f]/;

/**
 * Returns what is wrong with `shards`, one sentence each.
 * @param needed the size of all tensors in bytes; undefined if unknown
 */
export function checkShards(json: Record<string, unknown>, needed: number | undefined): string[] {
  if (!Array.isArray(json.shards))
    return [
      `shards must be a list of { "path", "bytes", "sha256" }, got ${describe(json.shards)}.`,
    ];
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
        `shards[${i}] must have path, bytes, sha256 (64 hexadecimal digits) and, for a .gz, inflated, got ${describeJson(shard)}.`,
      );
    } else if (LEAVES_FOLDER.test(shard.path as string)) {
      problems.push(
        `shards[${i}].path must stay in the folder of model.json, got ${describe(shard.path)}.`,
      );
    } else if ((shard.bytes as number) > MAX_SHARD_BYTES) {
      problems.push(
        `${shard.path as string}: must have at most ${MAX_SHARD_BYTES} bytes, got ${shard.bytes as number}.`,
      );
    } else if (
      isRecord(inflated) &&
      (inflated.bytes as number) > MAX_DEFLATE_RATIO * (shard.bytes as number)
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
    problems.push('shards must list the paths of weightsManifest in the same order.');
  }
  const total = shards.reduce((sum, { inflated, bytes }) => sum + (inflated?.bytes ?? bytes), 0);
  if (total !== needed)
    problems.push(`the shards must hold ${needed} bytes in total, got ${total}.`);
  return problems;
}
