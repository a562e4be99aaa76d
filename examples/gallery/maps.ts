/** maps: numbers as colours: activations, filters and heat maps on a canvas. */

/** Dark to light, alike to the eye in steps and in grey: a few stops of a perceptually even scale. */
const STOPS = [
  [11, 13, 42],
  [60, 22, 98],
  [132, 33, 107],
  [201, 62, 76],
  [245, 125, 36],
  [252, 200, 70],
  [252, 253, 191],
] as const;

/** Red, green, blue of a share in [0, 1]. */
export function heat(share: number): [number, number, number] {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(
      STOPS[low]![channel] + (at - low) * (STOPS[low + 1]![channel] - STOPS[low]![channel]),
    );
  return [mix(0), mix(1), mix(2)];
}

/**
 * Draws `height` × `width` shares of [0, 1] into a canvas, one pixel each: style sheets enlarge it. `alpha` in [0, 1], one for all or
 * one for each share, lets what lies below through.
 */
export function drawMap(
  canvas: HTMLCanvasElement,
  height: number,
  width: number,
  share: (row: number, column: number) => number,
  alpha: number | ((share: number) => number) = 1,
) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = share(row, column);
      const opacity = typeof alpha === 'number' ? alpha : alpha(value);
      image.data.set([...heat(value), Math.round(255 * opacity)], 4 * (row * width + column));
    }
  }
  context.putImageData(image, 0, 0);
}
