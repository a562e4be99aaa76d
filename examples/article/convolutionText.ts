/** convolutionText: the products of a convolution as colors, and their sum as a formula. */
import type { Region } from '../gallery/imageOverlay';
import type { Position, Products } from './convolution';

const NEGATIVE = [36, 89, 158];
const ZERO = [250, 248, 243];
const POSITIVE = [184, 66, 29];
const COLORS = ['red', 'green', 'blue'] as const;

/** Draws a part of the picture, in its own pixels. */
export function drawPatch(
  canvas: HTMLCanvasElement,
  view: HTMLCanvasElement,
  { row, column, side }: Region,
): void {
  canvas.width = canvas.height = side;
  canvas.getContext('2d')!.drawImage(view, -column, -row);
}

/** Draws the product of each pixel, summed over its three colors. */
export function drawProducts(
  canvas: HTMLCanvasElement,
  { values, kernel }: Products,
  size: number,
): void {
  const sums = Array.from({ length: size * size }, (_, i) =>
    [0, 1, 2].reduce((sum, color) => sum + values[3 * i + color]! * kernel[3 * i + color]!, 0),
  );
  const max = Math.max(...sums.map(Math.abs), 1e-12);
  const image = new ImageData(size, size);
  sums.forEach((sum, i) => {
    const share = Math.abs(sum) / max;
    const end = sum < 0 ? NEGATIVE : POSITIVE;
    const mixed = ZERO.map((level, color) => level + share * (end[color]! - level));
    image.data.set([...mixed, 255], 4 * i);
  });
  canvas.width = canvas.height = size;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

/** `−1.24`, with a real minus sign. */
export const formatNumber = (value: number, digits = 2): string =>
  value
    .toFixed(digits)
    .replace(/^-(0\.?0*)$/, '$1')
    .replace('-', '−');

/** Digits after the point for numbers up to `max`. */
export const digitsFor = (max: number): number => (max >= 20 ? 1 : max >= 2 ? 2 : 3);

/** `Sum of the products: red 1.20 + green −0.40 + blue 0.10 + a constant 0.05 = 0.95. …`. */
export function sumText(
  sums: readonly number[],
  bias: number | undefined,
  value: number,
  digits: number,
): string {
  const format = (number: number) => formatNumber(number, digits);
  if (bias === undefined)
    return 'This kernel does not fire anywhere in this picture: no sum is positive.';
  const total = sums.reduce((sum, each) => sum + each, bias);
  const parts = sums.map((sum, i) => `${COLORS[i]} ${format(sum)}`).join(' + ');
  const relu =
    total > 0
      ? 'The sum is positive, so it stays'
      : 'The sum is not positive, so the next step, ReLU, makes it 0';
  return `Sum of the products: ${parts} + a constant ${format(bias)} = ${format(total)}. ${relu}. The network’s own number: ${format(value)}.`;
}

/** The three products of a pixel. */
export function pixelText({ values, kernel }: Products, size: number, at: Position): string {
  const first = 3 * (at.row * size + at.column);
  const products = COLORS.map((color, i) => {
    const [value, weight] = [values[first + i]!, kernel[first + i]!];
    return `${color} ${formatNumber(value, 0)} × ${formatNumber(weight, 4)} = ${formatNumber(value * weight, 3)}`;
  });
  return `Row ${at.row + 1}, column ${at.column + 1}, minus the mean color: ${products.join('; ')}.`;
}
