/** encode: a canvas as the bytes of a picture, at once. */

/**
 * WebP, or PNG where the browser writes none. Chromium puts off a JPEG or PNG until the page is idle, up to a second a picture;
 * WebP is written by another thread.
 *
 * @param quality in [0, 1], of a WebP
 * @throws Error when the canvas is empty or the memory is used up
 */
export async function encode(canvas: HTMLCanvasElement, quality = 0.85): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, 'image/webp', quality),
  );
  if (!blob)
    throw new Error(
      'The browser could not keep this picture: its memory is used up. Close other tabs, then try again.',
    );
  return blob;
}
