/** thumbnailOf: a picture checked and made small, so that thousands of them fit into memory. */
import { encode } from '../gallery/encode';
import { pictureOf } from '../gallery/picture';

/** Side in pixels: 64 on the page, sharp on dense screens. */
const SIDE = 128;

/**
 * The address of a small picture of the central square, which is what the network looks at.
 *
 * @throws Error with a sentence for what is no picture, is broken or too large.
 */
export async function thumbnailOf(blob: Blob, name: string): Promise<string> {
  const { url, width, height } = await pictureOf(blob, name);
  if (blob.type === 'image/svg+xml') return url; // small already, and createImageBitmap takes none
  URL.revokeObjectURL(url);
  const side = Math.min(width, height);
  const square = [
    Math.floor((width - side) / 2),
    Math.floor((height - side) / 2),
    side,
    side,
  ] as const;
  const small = { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: 'medium' } as const;
  const bitmap = await createImageBitmap(blob, ...square, small).catch(() => {
    throw new Error(`${name} is damaged, and cannot be read as a picture.`);
  });
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return URL.createObjectURL(await encode(canvas));
}
