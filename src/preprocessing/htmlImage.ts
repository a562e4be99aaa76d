/** `<img>` elements that have not loaded, or only in part. */
import { ImageError, reasonOf } from '../errors';
import { Deadline } from '../platform/deadline';
import { isTruncated } from './encoded';

/** How long an `<img>` may take to load, in ms. Later calls of the model wait for it. */
const LOADING_TIMEOUT = 30_000;

/** Waits until an `<img>` has loaded, and returns it. */
export async function load(
  image: HTMLImageElement,
  signal: AbortSignal | undefined,
): Promise<HTMLImageElement> {
  const loading = image.loading === 'lazy' && !image.complete ? eagerCopy(image) : image;
  const deadline = new Deadline(signal, LOADING_TIMEOUT);
  try {
    const ended = new Promise<void>((resolve) =>
      deadline.signal.addEventListener('abort', () => resolve()),
    );
    await Promise.race([loading.decode(), ended]);
    signal?.throwIfAborted();
    if (deadline.timedOut) throw new Error(`it has not loaded within ${LOADING_TIMEOUT / 1000} s`);
    return loading;
  } catch (error) {
    signal?.throwIfAborted();
    throw new ImageError(
      'image',
      `the <img> of ${image.currentSrc || image.src || 'no src'} cannot be loaded (${reasonOf(error)}). Check its URL.`,
      { code: 'fetch-failed', cause: error },
    );
  } finally {
    deadline.end();
  }
}

/** Returns a copy that loads: browsers do not load a lazy `<img>` that is hidden or detached. */
function eagerCopy(image: HTMLImageElement): HTMLImageElement {
  const copy = new Image();
  copy.crossOrigin = image.crossOrigin;
  copy.referrerPolicy = image.referrerPolicy;
  copy.sizes = image.sizes;
  copy.srcset = image.srcset;
  copy.src = image.src;
  return copy;
}

/** Throws an ImageError if the file of an `<img>` is truncated, as for the file itself. */
export async function checkNotTruncated(image: HTMLImageElement): Promise<void> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(image.currentSrc || image.src, { cache: 'force-cache' });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch {
    return; // a revoked blob: URL, or a Content Security Policy: the drawn pixels are used
  }
  if (!isTruncated(bytes)) return;
  const { decodingProblem } = await import('./imageFormat');
  throw new ImageError('image', decodingProblem(bytes, undefined), { code: 'cannot-decode' });
}
