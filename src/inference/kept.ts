/** kept: a tensor put aside as it was stored, to be had as floats later. */
import { floatsOf, type Stored } from '../weights/stored';

/** Copies codes, which share memory with the whole set. */
export function kept(stored: Stored): () => Float32Array {
  const own = stored instanceof Float32Array ? stored : { ...stored, codes: stored.codes.slice() };
  return () => floatsOf(own).slice();
}
