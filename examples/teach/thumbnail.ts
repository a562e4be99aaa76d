/** createThumbnail: checks a picture and shrinks it, so that thousands fit into memory. */
import { canvasToBlob } from '../gallery/canvasToBlob';
import { pictureFromBlob } from '../gallery/picture';

/** In pixels: twice the size on the page, for high-density screens. */
const SIDE = 128;

/**
 * Returns a small version of the central square, which the network sees.
 *
 * @throws Error if the file is not a picture, is damaged or too large.
 */
export async function createThumbnail(blob: Blob, name: string): Promise<Blob> {
  const { url, width, height } = await pictureFromBlob(blob, name);
  URL.revokeObjectURL(url);
  // Already small, and createImageBitmap does not support it.
  if (blob.type === 'image/svg+xml') return blob;
  const side = Math.min(width, height);
  const square = [
    Math.floor((width - side) / 2),
    Math.floor((height - side) / 2),
    side,
    side,
  ] as const;
  const small = { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: 'medium' } as const;
  const bitmap = await createImageBitmap(blob, ...square, small).catch(() => {
    throw new Error(`${name} is damaged and cannot be decoded.`);
  });
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvasToBlob(canvas);
}
