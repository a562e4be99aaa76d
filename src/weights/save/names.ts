/** withNames: renames the shards of a set. */
import type { Manifest } from '../format/manifest';

/** Returns the manifest with new names of its shards, by the former ones. */
export function withNames(manifest: Manifest, names: ReadonlyMap<string, string>): Manifest {
  return {
    ...manifest,
    shards: manifest.shards.map((shard) => ({ ...shard, path: names.get(shard.path)! })),
    weightsManifest: manifest.weightsManifest.map(({ paths, weights }) => ({
      paths: paths.map((path) => names.get(path)!),
      weights,
    })),
  };
}
