/** createThumbnail: checks a picture and shrinks it, so that thousands fit into memory. */
import { wrap, type Remote } from 'comlink';
import { pictureFromBlob } from '../gallery/picture';
import type { ThumbnailWorker } from './thumbnailWorker';

/** In pixels: twice the size on the page, for high-density screens. */
const SIDE = 128;

let worker: Remote<ThumbnailWorker> | undefined;

/**
 * Returns a small version of the central square, which the network sees.
 *
 * @throws Error if the file is not a picture, is damaged or too large.
 */
export async function createThumbnail(blob: Blob, name: string): Promise<Blob> {
  const { url } = await pictureFromBlob(blob, name);
  URL.revokeObjectURL(url);
  // Already small, and createImageBitmap does not support it.
  if (blob.type === 'image/svg+xml') return blob;
  worker ??= wrap<ThumbnailWorker>(
    new Worker(new URL('./thumbnailWorker.ts', import.meta.url), { type: 'module' }),
  );
  const small = await worker.shrink(blob, SIDE);
  if (!small) throw new Error(`${name} is damaged and cannot be decoded.`);
  return small;
}
