/** The requirements of threads: shared memory, and more than one core. */
import { isKind } from './typeGuards';

const HEADERS =
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

/** Returns why threads cannot share memory, or undefined if they can. In Node they always can. */
export function notIsolated(): string | undefined {
  if (globalThis.crossOriginIsolated === false)
    return `the page is not cross-origin isolated (it needs the headers ${HEADERS})`;
  return typeof SharedArrayBuffer === 'undefined'
    ? 'SharedArrayBuffer is missing in this browser'
    : undefined;
}

/** Whether memory is shared between threads. */
export const isShared = (buffer: ArrayBufferLike): buffer is SharedArrayBuffer =>
  isKind(buffer, 'SharedArrayBuffer');

/**
 * Returns how many threads to start: no more than there are cores.
 *
 * @throws Error if this machine has one core.
 */
export function threadCount(requested: number, cores: number): number {
  const count = Math.min(requested, cores);
  if (count < 2) throw new Error('this machine has one core');
  return count;
}
