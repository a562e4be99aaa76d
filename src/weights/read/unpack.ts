/** Inflates the shards of a set as they arrive, and passes on each tensor once it is complete. */
import { messageSentence } from '../../errors';
import { createYielder } from '../../platform/yieldToPage';
import { decode, storedTensor } from '../format/dequantize';
import { isUint4, nibbleWidener, widenedEntry } from '../format/uint4';
import { inflate, isGzip } from '../../platform/gzip';
import type { Phases } from './loadProgress';
import {
  inflatedBytes,
  storedBytes,
  type CheckedManifest,
  type WeightEntry,
} from '../format/manifest';
import type { OnTensor, SinkFor } from './read';

/**
 * Splits the inflated bytes of a set into its tensors. Holds only bytes that have not been passed
 * on.
 */
class TensorAssembler {
  /** The entries as stored. uint4 tensors arrive widened. */
  readonly #entries: readonly WeightEntry[];
  readonly #widen: ((part: Uint8Array) => Generator<Uint8Array>) | undefined;
  readonly #scaleNames: ReadonlySet<string | undefined>;
  readonly #scales = new Map<string, Float32Array>();
  /**
   * Complete tensors that wait for their channel scales, or for an earlier tensor, because the
   * manifest's order is kept.
   */
  readonly #waiting: { entry: WeightEntry; bytes: Uint8Array; size: number }[] = [];
  readonly #onTensor: OnTensor;
  readonly #sinkFor: SinkFor | undefined;
  #next = 0;
  #bytes = new Uint8Array();
  #filled = 0;
  #append = (_part: Uint8Array): void => {};

  constructor(
    { weightsManifest }: CheckedManifest,
    onTensor: OnTensor,
    sinkFor: SinkFor | undefined,
  ) {
    this.#entries = weightsManifest.flatMap(({ weights }) => weights);
    if (this.#entries.some(isUint4)) this.#widen = nibbleWidener(this.#entries);
    this.#scaleNames = new Set(this.#entries.map(({ quantization }) => quantization?.channelScale));
    this.#onTensor = onTensor;
    this.#sinkFor = sinkFor;
  }

  /** Appends bytes. Whenever a tensor is passed on, yields its number of bytes. */
  *append(bytes: Uint8Array): Generator<number> {
    if (!this.#widen) return yield* this.#append8(bytes);
    for (const part of this.#widen(bytes)) yield* this.#append8(part);
  }

  *#append8(bytes: Uint8Array): Generator<number> {
    for (let at = 0; at < bytes.length && this.#next < this.#entries.length;) {
      const entry = widenedEntry(this.#entries[this.#next]!);
      const length = storedBytes(entry);
      if (this.#filled === 0) this.#begin(entry, length);
      const part = bytes.subarray(at, at + length - this.#filled);
      this.#append(part);
      at += part.length;
      this.#filled += part.length;
      if (this.#filled < length) return;
      yield* this.#complete(entry, this.#bytes, storedBytes(this.#entries[this.#next]!));
      this.#bytes = new Uint8Array();
      this.#filled = 0;
      this.#next++;
    }
  }

  #begin(entry: WeightEntry, length: number): void {
    const sink = this.#sinkFor?.(entry);
    this.#bytes = new Uint8Array(sink ? 0 : length);
    this.#append = sink ?? ((part) => this.#bytes.set(part, this.#filled));
  }

  *#complete(entry: WeightEntry, bytes: Uint8Array, size: number): Generator<number> {
    if (this.#scaleNames.has(entry.name)) {
      this.#scales.set(entry.name, decode(entry, bytes));
      yield bytes.length;
    } else this.#waiting.push({ entry, bytes, size });
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
      yield first.size;
    }
  }
}

/**
 * Inflates shards in the manifest's order as they arrive, and passes on their tensors. After a
 * shard that is undefined (because it could not be fetched), passes on no tensors, but still checks
 * the other shards.
 *
 * @returns the problems of shards that cannot be inflated.
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
  const assembler = new TensorAssembler(manifest, onTensor, sinkFor);
  const yieldIfDue = createYielder(); // lets the page draw
  let complete = true;
  for (const [i, shard] of manifest.shards.entries()) {
    const bytes = await shards[i];
    signal?.throwIfAborted();
    if (!bytes) {
      complete = false;
      continue;
    }
    const failures: unknown[] = []; // errors that are not the shard's
    const fill = async (part: Uint8Array) => {
      try {
        signal?.throwIfAborted();
        if (!complete) return;
        phases?.advance('decode', part.length);
        for (const done of assembler.append(part)) {
          phases?.advance('upload', done);
          await yieldIfDue();
          signal?.throwIfAborted();
        }
        await yieldIfDue();
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
      problems.push(`${shard.path}: ${messageSentence(error)}`);
      complete = false;
    }
  }
  return problems;
}
