/** heatMap: draws activations and other values as colors on a canvas. */

/** Stops of a perceptually uniform scale from dark to light, readable in grayscale. */
const STOPS = [
  [11, 13, 42],
  [60, 22, 98],
  [132, 33, 107],
  [201, 62, 76],
  [245, 125, 36],
  [252, 200, 70],
  [252, 253, 191],
] as const;

/** Returns the red, green and blue of a value in [0, 1]. */
export function heatColor(value: number): [number, number, number] {
  const at = Math.min(Math.max(value, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(
      STOPS[low]![channel] + (at - low) * (STOPS[low + 1]![channel] - STOPS[low]![channel]),
    );
  return [mix(0), mix(1), mix(2)];
}

/**
 * Returns an opacity for maps over a picture: cold values leave it visible. `strength` in [0, 1] is
 * the opacity of warm values.
 */
export const heatAlpha = (strength: number) => (value: number) =>
  strength * Math.min(1, 1.4 * value);

export interface HeatMap {
  height: number;
  width: number;
  /** The value of a cell, in [0, 1]. */
  value: (row: number, column: number) => number;
  /** Opacity in [0, 1]. @default 1 */
  alpha?: number | ((value: number) => number);
}

/**
 * Draws `height` × `width` values in [0, 1], one canvas pixel each; CSS enlarges the canvas.
 * `alpha` in [0, 1] is the opacity, the same for all values or a function of the value.
 */
export function drawHeatMap(
  canvas: HTMLCanvasElement,
  { height, width, value, alpha = 1 }: HeatMap,
) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const cell = value(row, column);
      const opacity = typeof alpha === 'number' ? alpha : alpha(cell);
      image.data.set([...heatColor(cell), Math.round(255 * opacity)], 4 * (row * width + column));
    }
  }
  context.putImageData(image, 0, 0);
}
