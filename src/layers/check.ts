/** Rules for options and checks of shapes that all layers share. */
import { ShapeError } from '../errors';
import { integer, type Rule } from '../platform/checkOptions';
import { formatShape, type Shape } from './layer';

/** The rule for an option that is a number of pixels, channels or units. */
export const side = (least: number, required = false): Rule =>
  integer(least, 2 ** 24, { required });

/** Returns the sides of a feature map. Throws a ShapeError for any other shape. */
export function featureMap(
  layer: string,
  input: Shape,
): [height: number, width: number, channels: number] {
  if (input.length !== 3) {
    throw new ShapeError(
      `${layer}: the input must be a feature map, height × width × channels, got ${formatShape(input)}. Put ${layer} before flatten.`,
    );
  }
  return [input[0]!, input[1]!, input[2]!];
}

/** Returns the windows along one side: ⌊(side + padding − size) / stride⌋ + 1. */
export function windowCount(
  layer: string,
  side: number,
  { size, stride, padding }: { size: number; stride: number; padding: number },
): number {
  const count = Math.floor((side + padding - size) / stride) + 1;
  if (count < 1) {
    const padded = padding ? ` + ${padding} of padding` : '';
    throw new ShapeError(
      `${layer}: the window must fit into the input, got a window of ${size} pixels and an input of ${side}${padded}. ` +
        'Make the window smaller, pad more, or pool less before this layer.',
    );
  }
  return count;
}
