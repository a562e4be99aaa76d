/** timeEstimate: estimates the time to process many pictures by measuring one. */
import type { Model } from 'alexnet-ts/worker';
import type { TrainingSet } from './trainingSet';
import { formatDuration, countOf } from '../gallery/format';

/** No estimate is shown for fewer pictures. */
const MIN_PICTURES = 60;

/** Shows the estimate in `element`. Returns a function to call when the training set changes. */
export function timeEstimate(
  element: HTMLElement,
  base: Promise<Model>,
  trainingSet: TrainingSet,
): () => void {
  let milliseconds: Promise<number> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function measure(): Promise<number> {
    const model = await base;
    const { blob } = trainingSet.classes.find(({ pictures }) => pictures.length > 0)!.pictures[0]!;
    await model.classify(blob); // the first call is slower
    const start = performance.now();
    await model.classify(blob);
    return performance.now() - start;
  }

  async function show() {
    if (trainingSet.size < MIN_PICTURES) element.textContent = '';
    else {
      try {
        const seconds = ((await (milliseconds ??= measure())) * trainingSet.size) / 1000;
        element.textContent = `Processing ${countOf(trainingSet.size, 'picture')} will take about ${formatDuration(seconds)} on this machine.`;
      } catch {
        milliseconds = undefined; // training will report the error
      }
    }
  }
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void show();
    }, 400);
  };
}
