/** Cuts a stream of bytes into shards that, packed, are about as long as they may be. */

/** Packs the bytes of a shard. */
export type Compress = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** What one shard may inflate to: numbers that pack well are not gathered without end. */
const MAX_RAW_BYTES = 64 * 1024 * 1024;

/** Takes bytes, and hands on a shard whenever there is enough for one. */
export class ShardCutter {
  private chunks: Uint8Array[] = [];
  private waiting = 0;
  /** Packed bytes of a raw one, as it was the last time. */
  private ratio = 1;

  constructor(
    /** Of a packed shard, in bytes. */
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
    this.waiting += bytes.length;
    while (this.waiting >= this.wanted && (await this.cut(false)));
  }

  /** Ends the shard that was begun: the next bytes go into one of their own. */
  async flush(): Promise<void> {
    while (this.waiting > 0) await this.cut(true);
  }

  /**
   * Cuts a shard off, unless it would be much longer with bytes that are still to come: then
   * answers false.
   */
  private async cut(last: boolean): Promise<boolean> {
    let length = Math.min(this.waiting, this.wanted);
    for (let attempt = 0; ; attempt++) {
      const raw = this.first(length);
      const packed = await this.compress(raw);
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
        if (fits > this.waiting && !last) return false;
        const grown = Math.min(fits, this.waiting);
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

  /** The first bytes of those that wait. */
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
    this.waiting -= length;
    let left = length;
    while (left > 0 && this.chunks[0]!.length <= left) left -= this.chunks.shift()!.length;
    if (left > 0) this.chunks[0] = this.chunks[0]!.subarray(left);
  }
}
