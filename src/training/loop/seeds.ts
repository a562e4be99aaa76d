/** Random numbers of a training: all of them follow from its seed, the epoch and the step, so that a checkpoint needs no more than these. */
import { random } from '../../layers/init';

/** One seed of several whole numbers; another one if any of them differs. */
export function mixedSeed(...parts: readonly number[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = (h ^ (h >>> 15)) >>> 0;
  }
  return h;
}

/** The numbers 0 … count − 1 in random order (Fisher and Yates). */
export function shuffled(count: number, seed: number): Uint32Array {
  const uniform = random(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
