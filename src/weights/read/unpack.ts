/** unpack: the shards of a set, as they arrive, to its tensors, each handed over as soon as all of it is there. */
import { sentenceOf } from '../../errors';
import { breather } from '../../platform/yieldToPage';
import { decode, storedTensor } from '../format/dequantize';
import { inflate, isGzip } from '../../platform/gzip';
import type { Phases } from './loadProgress';
import {
  inflatedBytes,
  storedBytes,
  type CheckedManifest,
  type WeightEntry,
} from '../format/manifest';
import type { OnTensor, SinkFor } from './read';

/** Fills the tensors of a set with its bytes, one after the other: of all that is inflated only what is neither taken nor handed over is held. */
class Filling {
  readonly #entries: readonly WeightEntry[];
  readonly #scaleNames: ReadonlySet<string | undefined>;
  readonly #scales = new Map<string, Float32Array>();
  /** Whole, but with scales that are still to come, or behind one such: the manifest's order is kept. */
  readonly #waiting: { entry: WeightEntry; bytes: Uint8Array }[] = [];
  readonly #onTensor: OnTensor;
  readonly #sinkFor: SinkFor | undefined;
  #next = 0;
  #bytes = new Uint8Array();
  #filled = 0;
  #put = (_part: Uint8Array): void => {};

  constructor(
    { weightsManifest }: CheckedManifest,
    onTensor: OnTensor,
    sinkFor: SinkFor | undefined,
  ) {
    this.#entries = weightsManifest.flatMap(({ weights }) => weights);
    this.#scaleNames = new Set(this.#entries.map(({ quantization }) => quantization?.channelScale));
    this.#onTensor = onTensor;
    this.#sinkFor = sinkFor;
  }

  /** Takes the bytes that follow, and yields how many are done with whenever tensors were handed over. */
  *take(part: Uint8Array): Generator<number> {
    for (let at = 0; at < part.length && this.#next < this.#entries.length;) {
      const entry = this.#entries[this.#next]!;
      const length = storedBytes(entry);
      if (this.#filled === 0) this.#begin(entry, length);
      const some = part.subarray(at, at + length - this.#filled);
      this.#put(some);
      at += some.length;
      this.#filled += some.length;
      if (this.#filled < length) return;
      yield* this.#complete(entry, this.#bytes);
      this.#bytes = new Uint8Array();
      this.#filled = 0;
      this.#next++;
    }
  }

  #begin(entry: WeightEntry, length: number): void {
    const take = this.#sinkFor?.(entry);
    this.#bytes = new Uint8Array(take ? 0 : length);
    this.#put = take ?? ((part) => this.#bytes.set(part, this.#filled));
  }

  *#complete(entry: WeightEntry, bytes: Uint8Array): Generator<number> {
    if (this.#scaleNames.has(entry.name)) {
      this.#scales.set(entry.name, decode(entry, bytes));
      yield bytes.length;
    } else this.#waiting.push({ entry, bytes });
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const { channelScale } = first.entry.quantization ?? {};
      const factors = channelScale === undefined ? undefined : this.#scales.get(channelScale);
      if (channelScale !== undefined && !factors) return;
      this.#waiting.shift();
      this.#onTensor(
        first.entry.name,
        first.entry.shape,
        storedTensor(first.entry, first.bytes, factors),
      );
      yield storedBytes(first.entry);
    }
  }
}

/**
 * Inflates shards in the manifest's order, each as soon as it is there, and hands over their tensors. A shard that is undefined could not
 * be had: nothing is handed over from there on, but the others are looked at.
 *
 * @returns what is wrong with shards that do not inflate.
 */
export async function unpack(
  manifest: CheckedManifest,
  shards: readonly (Uint8Array | Promise<Uint8Array | undefined>)[],
  {
    signal,
    phases,
    sinkFor,
  }: { signal?: AbortSignal | undefined; phases?: Phases; sinkFor?: SinkFor | undefined },
  onTensor: OnTensor,
): Promise<string[]> {
  const problems: string[] = [];
  const filling = new Filling(manifest, onTensor, sinkFor);
  const breathe = breather(); // let the page draw
  let whole = true;
  for (const [i, shard] of manifest.shards.entries()) {
    const bytes = await shards[i];
    signal?.throwIfAborted();
    if (!bytes) {
      whole = false;
      continue;
    }
    const failures: unknown[] = []; // of ours or the app's, not of the shard
    const fill = async (part: Uint8Array) => {
      try {
        signal?.throwIfAborted();
        if (!whole) return;
        phases?.advance('decode', part.length);
        for (const done of filling.take(part)) {
          phases?.advance('upload', done);
          await breathe();
          signal?.throwIfAborted();
        }
        await breathe();
      } catch (error) {
        failures.push(error);
        throw error;
      }
    };
    try {
      if (shard.inflated !== undefined && isGzip(bytes))
        await inflate(bytes, inflatedBytes(shard), fill);
      else await fill(bytes);
    } catch (error) {
      if (failures.length > 0) throw failures[0];
      problems.push(`${shard.path}: ${sentenceOf(error)}`);
      whole = false;
    }
  }
  return problems;
}
