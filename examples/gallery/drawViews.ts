/** drawViews: draws the network's input as images. */
import type { Activations, Preprocessing } from 'alexnet-ts';
import { createElement } from './elements';

/** Returns a canvas for each view of `[views, size, size, 3]`, reverting `(pixel − mean) / std`. */
export function drawViews(
  { shape, data }: Activations,
  { mean, std = [1, 1, 1] }: Preprocessing,
): HTMLCanvasElement[] {
  const [views, height, width] = shape as [number, number, number];
  return Array.from({ length: views }, (_, view) => {
    const canvas = createElement('canvas', {
      width,
      height,
      ariaLabel: `Crop ${view + 1} of ${views}`,
      role: 'img',
    });
    // Figures cut patches out of it.
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const image = context.createImageData(width, height);
    const pixels = image.data;
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        pixels[4 * pixel + channel] =
          data[3 * (view * width * height + pixel) + channel]! * std[channel]! + mean[channel]!;
      }
      pixels[4 * pixel + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  });
}
