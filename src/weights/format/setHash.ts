/** The identity of a set of weights. */
import type { Manifest } from './manifest';
import { sha256 } from '../../platform/sha256';

/**
 * Returns the SHA-256 of the shards' SHA-256s, one per line. It is the same for two sets that store
 * the same values in the same way.
 */
export const setHash = ({ shards }: Pick<Manifest, 'shards'>): Promise<string> =>
  sha256(new TextEncoder().encode(shards.map((shard) => shard.sha256).join('\n')));
