/** The requirements that every reader must meet for any file. */
import { allocated } from './allocations';
import { Defect, type Reader } from './reader';

/** Time limit in ms for files of up to 1 MB. */
export const MOST_MS = 1000;
/** Allocation limit in bytes, in addition to 32 per byte of the file. */
export const MOST_BYTES = 256 * 1024 * 1024;
/** Maximum length of a message. */
const LONGEST_MESSAGE = 50_000;

/** The result for a file. */
export interface Outcome {
  refused: boolean;
  ms: number;
  allocated: number;
}

const INHERITED = [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
);

/** The library's error classes, in the source and in the built package. */
export type OwnErrors = readonly (abstract new (...args: never[]) => Error)[];

function checkRefusal(error: unknown, own: OwnErrors): void {
  if (error instanceof Defect) throw error;
  if (!(error instanceof Error) || !own.some((each) => error instanceof each)) {
    throw new Defect(
      `it fails with no error of the library's: ${error instanceof Error ? error.stack : String(error)}`,
      { cause: error },
    );
  }
  const { message } = error;
  if (message.length > LONGEST_MESSAGE)
    throw new Defect(`its message has ${message.length} characters: ${message.slice(0, 300)}`);
  if (!/^[^]+?: [^]+[.?!)…]$/.test(message))
    throw new Defect(`its message does not say where, in a sentence: ${message.slice(0, 500)}`);
}

/**
 * Reads a file once.
 *
 * @throws Defect if the error is not from the library, its message is not a sentence, time or
 * memory
 *   exceed the limits, or a prototype was changed.
 */
export async function judge({ read }: Reader, bytes: Uint8Array, own: OwnErrors): Promise<Outcome> {
  let ms = Infinity;
  let refused = false;
  let most = 0;
  for (let attempt = 0; attempt < 2 && ms > MOST_MS; attempt++) {
    allocated.reset(); // slow twice: not because of other programs
    refused = false;
    const start = performance.now();
    try {
      await read(bytes);
    } catch (error) {
      refused = true;
      checkRefusal(error, own);
    }
    ms = Math.min(ms, performance.now() - start);
    most = Math.max(most, allocated.bytes);
  }
  if (ms > MOST_MS) throw new Defect(`it takes ${Math.round(ms)} ms for ${bytes.length} bytes`);
  if (most > MOST_BYTES + 32 * bytes.length)
    throw new Defect(`it allocates ${most} bytes for ${bytes.length}`);
  for (const [prototype, keys] of INHERITED) {
    if (Reflect.ownKeys(prototype).length !== keys)
      throw new Defect('what every object inherits was changed');
  }
  if ('fuzzed' in globalThis) throw new Defect('something in it was run');
  return { refused, ms, allocated: most };
}
