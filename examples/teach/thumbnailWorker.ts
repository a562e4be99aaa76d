/** The worker that shrinks pictures, so that the page stays responsive while many are read. */
import { expose } from 'comlink';

const worker = {
  /** Returns the central square with `side` pixels per side; undefined for a damaged picture. */
  async shrink(blob: Blob, side: number): Promise<Blob | undefined> {
    const bitmap = await createImageBitmap(blob).catch(() => undefined);
    if (!bitmap) return undefined;
    const { width, height } = bitmap;
    const square = Math.min(width, height);
    const canvas = new OffscreenCanvas(side, side);
    // Not on a GPU, from which reading the pixels back takes longer than drawing them.
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    const [left, top] = [(width - square) / 2, (height - square) / 2];
    context.drawImage(bitmap, left, top, square, square, 0, 0, side, side);
    bitmap.close();
    return canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  },
};
export type ThumbnailWorker = typeof worker;

expose(worker);
