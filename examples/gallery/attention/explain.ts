/**
 * explain: what a model looks at for one of its classes: Grad-CAM, or an occlusion test on devices
 * with little memory.
 */
import type { Model } from 'alexnet-ts/worker';
import { gradCam, type AttentionMap } from './gradCam';
import { occluder, squareAt, stepOf, type Grid } from './occlusion';

export interface Explanation extends AttentionMap {
  method: 'Grad-CAM' | 'occlusion test';
}

/** Grad-CAM needs the dense layers: fc6 and fc7 alone are 218 MB of float32. */
const MIN_GIGABYTES = 4;
/** Coarse, so that a phone needs a few seconds. */
const GRID: Grid = { size: 60, count: 7 };
const BATCH = 7;

/** Estimated where the browser does not report it: phones and tablets have less memory. */
const gigabytes = () =>
  (navigator as Navigator & { deviceMemory?: number }).deviceMemory ??
  (matchMedia('(pointer: coarse)').matches ? 2 : 8);

/** @param url address of the picture `blob`, for an `<img>` */
export async function explain(
  model: Model,
  { blob, url }: { blob: Blob; url: string },
  classIndex: number,
): Promise<Explanation> {
  if (gigabytes() >= MIN_GIGABYTES)
    return { ...(await gradCam(model, blob, classIndex)), method: 'Grad-CAM' };
  return { ...(await occlude(model, url, classIndex)), method: 'occlusion test' };
}

/** Returns how far the probability falls when a square is covered. */
async function occlude(model: Model, url: string, classIndex: number): Promise<AttentionMap> {
  const side = model.preprocessing.inputSize;
  const cover = await occluder(url, model.preprocessing);
  const canvases = [cover()];
  for (let row = 0; row < GRID.count; row++)
    for (let column = 0; column < GRID.count; column++)
      canvases.push(cover(squareAt(side, GRID, row, column)));
  const probabilities: number[] = [];
  for (let from = 0; from < canvases.length; from += BATCH) {
    const results = await model.classify(canvases.slice(from, from + BATCH), {
      topK: model.labels.length,
    });
    for (const predictions of results)
      probabilities.push(predictions.find(({ index }) => index === classIndex)!.probability);
  }
  const [whole, ...covered] = probabilities;
  const falls = covered.map((probability) => Math.max(0, whole! - probability));
  const most = Math.max(...falls, 1e-6);
  return {
    count: GRID.count,
    step: stepOf(side, GRID),
    values: Float32Array.from(falls, (fall) => fall / most),
  };
}
