/** Describes the input of an exported graph in a sentence, which is stored in the file. */
import type { Preprocessing } from '../format/preprocessing';

/**
 * The input of a graph: red, green, blue from 0 to 255, or the same minus the mean and divided by
 * the standard deviation.
 */
export type GraphInput = 'pixels' | 'prepared';

const triple = (values: readonly number[]): string =>
  `(${values.map((value) => Number(value.toFixed(4))).join(', ')})`;

/** Describes how an image becomes the input. */
export function describeInput(
  { resize, crop, inputSize, mean, std }: Preprocessing,
  input: GraphInput,
  axes: string,
): string {
  const size = `shorter side to ${resize} pixels (bilinear, antialiased), the center ${crop} x ${crop}${crop === inputSize ? '' : `, that to ${inputSize} x ${inputSize}`}`;
  const levels = 'red, green, blue from 0 to 255';
  const normalized = `minus ${triple(mean)}${std ? `, divided by ${triple(std)}` : ''}`;
  const values =
    input === 'pixels'
      ? `${levels}: the graph computes them ${normalized}`
      : `${levels}, ${normalized}`;
  return `${axes}, ${values}. Made from an image: ${size}.`;
}
