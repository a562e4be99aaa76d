/**
 * Random numbers for training. They all follow from seed, epoch and step, so that a checkpoint does
 * not store the state of a generator.
 */
import { random } from '../../layers/init';

/** Hashes several integers to one seed. */
export function mixedSeed(...parts: readonly number[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = (h ^ (h >>> 15)) >>> 0;
  }
  return h;
}

/** Returns the integers from 0 to count − 1 in random order (Fisher and Yates). */
export function shuffled(count: number, seed: number): Uint32Array {
  const uniform = random(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
