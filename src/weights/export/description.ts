/** What an exported graph takes and gives, in sentences: they stand in the file. */
import type { Preprocessing } from '../format/preprocessing';

/**
 * What is fed: red, green, blue as they are, 0 to 255, or less the mean and divided by the
 * deviation.
 */
export type GraphInput = 'pixels' | 'prepared';

const triple = (values: readonly number[]): string =>
  `(${values.map((value) => Number(value.toFixed(4))).join(', ')})`;

/** How a picture becomes the input. */
export function describeInput(
  { resize, crop, inputSize, mean, std }: Preprocessing,
  input: GraphInput,
  axes: string,
): string {
  const size = `shorter side to ${resize} pixels (bilinear, antialiased), the centre ${crop} x ${crop}${crop === inputSize ? '' : `, that to ${inputSize} x ${inputSize}`}`;
  const levels = 'red, green, blue from 0 to 255';
  const normalised = `minus ${triple(mean)}${std ? `, divided by ${triple(std)}` : ''}`;
  const values =
    input === 'pixels'
      ? `${levels}, as they are: the graph takes them ${normalised}`
      : `${levels}, ${normalised}`;
  return `${axes}, ${values}. Made of a picture: ${size}.`;
}
