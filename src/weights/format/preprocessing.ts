/**
 * The manifest's `preprocessing`: how the images for a set are prepared. Includes its validation.
 */
import { WeightsError, describe } from '../../errors';
import { isRecord } from '../../platform/typeGuards';

/**
 * How images become the network's input. It is stored with the weights, so that a set always sees
 * pixels prepared as they were in training: the shorter side is resized to `resize`, a square of
 * `crop` × `crop` is cut out and scaled to `inputSize` if that differs, then `(pixel − mean) /
 * std`.
 */
export interface Preprocessing {
  /**
   * Length of the shorter side after resizing, in pixels; the aspect ratio is kept. The paper: 256.
   */
  resize: number;
  /** Side of the square that is cut out, in pixels. The paper: 224. */
  crop: number;
  /** Side of the network's input, in pixels. The crop is scaled to it. */
  inputSize: number;
  /** Subtracted from red, green and blue, in levels of 0..255. */
  mean: readonly [number, number, number];
  /**
   * Divides red, green and blue after `mean` is subtracted, in levels of 0..255. @default [1, 1, 1]
   */
  std?: readonly [number, number, number] | undefined;
}

/**
 * Reads the `preprocessing` of a manifest.
 * @throws WeightsError listing every problem at once.
 */
export function parsePreprocessing(json: unknown, where: string): Preprocessing {
  const problems: string[] = [];
  const record = isRecord(json) ? json : {};
  if (json !== record) problems.push(`preprocessing must be an object, got ${describe(json)}.`);
  for (const side of ['resize', 'crop', 'inputSize']) {
    const value = record[side];
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 8192) {
      problems.push(
        `preprocessing.${side} must be an integer from 1 to 8192 (pixels), got ${describe(value)}.`,
      );
    }
  }
  for (const triple of ['mean', 'std']) {
    const value = record[triple];
    if (triple === 'std' && value === undefined) continue;
    const fits =
      Array.isArray(value) &&
      value.length === 3 &&
      value.every((v) => Number.isFinite(v) && (triple === 'mean' || v > 0));
    if (!fits)
      problems.push(
        `preprocessing.${triple} must be three numbers (red, green, blue; 0..255), got ${describe(value)}.`,
      );
  }
  if (problems.length === 0 && (record.crop as number) > (record.resize as number)) {
    problems.push(
      `preprocessing.crop must be at most resize = ${record.resize}, got ${record.crop}.`,
    );
  }
  if (problems.length > 0) throw new WeightsError(where, problems);
  const { resize, crop, inputSize, mean, std } = record as unknown as Preprocessing;
  return { resize, crop, inputSize, mean, ...(std ? { std } : {}) };
}
