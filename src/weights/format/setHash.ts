/** The identity of a set of weights. */
import type { Manifest } from './manifest';
import { sha256 } from '../../platform/sha256';

/** The SHA-256 of its shards' SHA-256s, one a line: two sets with the same numbers stored alike have the same. */
export const setHash = ({ shards }: Pick<Manifest, 'shards'>): Promise<string> =>
  sha256(new TextEncoder().encode(shards.map((shard) => shard.sha256).join('\n')));
