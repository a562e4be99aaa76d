/** Checks of options and shapes that all layers share. */
import { OptionsError, ShapeError, describe } from '../errors';
import { formatShape, type Shape } from './layer';

/** Throws an OptionsError unless `value` is an integer of at least `least`. */
export function checkInteger(
  layer: string,
  option: string,
  value: unknown,
  least: number,
): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new OptionsError(
      `${layer}: ${option} must be an integer of at least ${least}, got ${describe(value)}.`,
    );
  }
}

/** Throws an OptionsError unless `value` is a finite number of at least `least`. */
export function checkNumber(
  layer: string,
  option: string,
  value: unknown,
  least = -Infinity,
): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    const range = least === -Infinity ? '' : ` of at least ${least}`;
    throw new OptionsError(
      `${layer}: ${option} must be a finite number${range}, got ${describe(value)}.`,
    );
  }
}

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
