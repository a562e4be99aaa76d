/** canvasToBlob: encodes a canvas as an image file. */

/**
 * Encodes as WebP, or as PNG where the browser cannot write WebP. Chromium delays JPEG and PNG
 * until the page is idle, up to a second per image; it encodes WebP on another thread.
 *
 * @param quality of WebP, in [0, 1]
 * @throws Error if the canvas is empty or memory runs out.
 */
export async function canvasToBlob(canvas: HTMLCanvasElement, quality = 0.85): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, 'image/webp', quality),
  );
  if (!blob) throw new Error('The browser is out of memory. Close other tabs and try again.');
  return blob;
}
