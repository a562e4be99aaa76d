/** The interface of a reader for the fuzzer. */
import type { Arbitrary } from 'fast-check';

/** Reads a kind of file. */
export interface Reader {
  /** Random files. */
  input: Arbitrary<Uint8Array>;
  /**
   * Reads a file completely. Throws an error of the library, or `Defect` if it is wrongly accepted.
   */
  read(bytes: Uint8Array): Promise<unknown>;
}

/** Created on demand, since fixtures take time. */
export type Readers = Readonly<Record<string, () => Promise<Reader>>>;

/** Invalid input that the library accepted. */
export class Defect extends Error {
  override name = 'Defect';
}
