/** Checks of options and shapes that every layer shares, with their error texts. */
import { OptionsError, ShapeError, describe } from '../errors';
import { formatShape, type Shape } from './layer';

/** A whole number from `least` up. */
export function wholeNumber(
  layer: string,
  option: string,
  value: unknown,
  least: number,
): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new OptionsError(
      `${layer}: ${option} is a whole number from ${least}, got ${describe(value)}.`,
    );
  }
}

/** A finite number, above or at `least` where that is given. */
export function finiteNumber(
  layer: string,
  option: string,
  value: unknown,
  least = -Infinity,
): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    const range = least === -Infinity ? '' : ` from ${least}`;
    throw new OptionsError(
      `${layer}: ${option} is a finite number${range}, got ${describe(value)}.`,
    );
  }
}

/** The three sides of a feature map. */
export function mapShape(
  layer: string,
  input: Shape,
): [height: number, width: number, channels: number] {
  if (input.length !== 3) {
    throw new ShapeError(
      `${layer} needs a feature map, height × width × channels, got ${formatShape(input)}. Put it before flatten.`,
    );
  }
  return [input[0]!, input[1]!, input[2]!];
}

/** Windows along one side: ⌊(side + padding − size) / stride⌋ + 1. */
export function windows(
  layer: string,
  side: number,
  padding: number,
  size: number,
  stride: number,
): number {
  const count = Math.floor((side + padding - size) / stride) + 1;
  if (count < 1) {
    throw new ShapeError(
      `${layer} has a window of ${size} pixels, but its input has only ${side}${padding ? ` + ${padding} of padding` : ''}. ` +
        'Make the window smaller, pad more, or pool less before it.',
    );
  }
  return count;
}
