/** Cuts bytes into shards whose compressed size is close to the limit, and renames shards. */
import { OptionsError, describe } from '../../errors';
import type { Manifest } from '../format/manifest';

/** Compresses the bytes of a shard. */
export type Compress = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** The largest uncompressed shard, which limits memory if the data compresses well. */
const MAX_RAW_BYTES = 64 * 1024 * 1024;

/** Collects bytes, and calls `onShard` whenever there are enough for a shard. */
export class ShardCutter {
  private chunks: Uint8Array[] = [];
  private pending = 0;
  /** The compression ratio of the last shard: compressed bytes per raw byte. */
  private ratio = 1;

  constructor(
    /** The largest compressed shard, in bytes. */
    private readonly limit: number,
    private readonly compress: Compress,
    private readonly onShard: (raw: Uint8Array, packed: Uint8Array) => Promise<void>,
  ) {}

  private get wanted(): number {
    return Math.min(MAX_RAW_BYTES, Math.floor(this.limit / this.ratio));
  }

  async push(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.pending += bytes.length;
    while (this.pending >= this.wanted && (await this.cut(false)));
  }

  /** Ends the current shard. The next bytes start a new one. */
  async flush(): Promise<void> {
    while (this.pending > 0) await this.cut(true);
  }

  /**
   * Cuts a shard off. Returns false, without cutting, if it could be much longer with the bytes
   * that follow.
   */
  private async cut(last: boolean): Promise<boolean> {
    let length = Math.min(this.pending, this.wanted);
    for (let attempt = 0; ; attempt++) {
      const raw = this.first(length);
      const packed = await this.compress(raw);
      if (!ArrayBuffer.isView(packed))
        throw new OptionsError(
          `writeSet: compress must return the bytes as a Uint8Array, got ${describe(packed)}.`,
        );
      if (packed.length > this.limit) {
        length = Math.floor((length * this.limit * 0.99) / packed.length);
        continue;
      }
      this.ratio = packed.length / length;
      const fits = Math.min(
        MAX_RAW_BYTES,
        Math.floor((length * this.limit * 0.995) / packed.length),
      );
      if (fits > length * 1.02 && attempt < 4) {
        if (fits > this.pending && !last) return false;
        const grown = Math.min(fits, this.pending);
        if (grown > length * 1.02) {
          length = grown;
          continue;
        }
      }
      await this.onShard(raw, packed);
      this.drop(length);
      return true;
    }
  }

  /** Returns the first of the pending bytes. */
  private first(length: number): Uint8Array {
    if (this.chunks[0]!.length >= length) return this.chunks[0]!.subarray(0, length);
    const joined = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.chunks) {
      joined.set(chunk.subarray(0, length - at), at);
      at += Math.min(chunk.length, length - at);
      if (at === length) break;
    }
    return joined;
  }

  private drop(length: number): void {
    this.pending -= length;
    let left = length;
    while (left > 0 && this.chunks[0]!.length <= left) left -= this.chunks.shift()!.length;
    if (left > 0) this.chunks[0] = this.chunks[0]!.subarray(left);
  }
}

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
