/** What a reader of files looks like to the fuzzer. */
import type { Arbitrary } from 'fast-check';

/** Reads one kind of file. */
export interface Reader {
  /** Files that it might be given. */
  input: Arbitrary<Uint8Array>;
  /** Reads one, all of it; throws an error of the library's own, or `Defect` where what was read ought to have been refused. */
  read(bytes: Uint8Array): Promise<unknown>;
}

/** Made when it is asked for, since fixtures take time. */
export type Readers = Readonly<Record<string, () => Promise<Reader>>>;

/** Something that the library took, and ought to have refused. */
export class Defect extends Error {
  override name = 'Defect';
}
