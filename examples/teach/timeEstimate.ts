/** timeEstimate: estimates the time to process many pictures by measuring a few. */
import { byId } from '../gallery/elements';
import { countOf, formatDuration } from '../gallery/format';
import { isImporting } from './trainingLock';
import type { Workspace } from './workspace';

/** No estimate is shown for fewer pictures. */
const MIN_PICTURES = 60;
/** Pictures per batch, as many as training processes at once. */
const BATCH = 16;

export interface TimeEstimate {
  /** Corrects the estimate with a training that processed pictures in `seconds`. */
  record(pictures: number, seconds: number): void;
}

/** Shows the estimate, and updates it when the pictures change. */
export function timeEstimate(workspace: Workspace): TimeEstimate {
  const element = byId('estimate');
  const { trainingSet } = workspace;
  let secondsPerPicture: number | undefined;
  let measuring = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function measure(): Promise<number> {
    const model = await workspace.base;
    const blobs = trainingSet.classes.flatMap(({ pictures }) => pictures.map(({ blob }) => blob));
    const batch = blobs.slice(0, BATCH);
    await model.embed(batch.slice(0, 2)); // the first call is slower
    const start = performance.now();
    await model.embed(batch);
    return (performance.now() - start) / 1000 / batch.length;
  }

  async function update() {
    const { size } = trainingSet;
    if (size < MIN_PICTURES) element.textContent = '';
    if (size < MIN_PICTURES || measuring) return;
    // Decoding thumbnails at the same time would make pictures look slower than they are.
    if (isImporting()) return schedule();
    try {
      measuring = true;
      secondsPerPicture ??= await measure();
    } catch {
      return; // training will report the error
    } finally {
      measuring = false;
    }
    const duration = formatDuration(secondsPerPicture * trainingSet.size);
    element.textContent = `Processing ${countOf(trainingSet.size, 'picture')} will take about ${duration} on this device.`;
  }

  function schedule() {
    timer ??= setTimeout(() => {
      timer = undefined;
      void update();
    }, 400);
  }
  workspace.trainingSet.onChange(schedule);

  return {
    record(pictures, seconds) {
      if (pictures < BATCH) return;
      secondsPerPicture = seconds / pictures;
      schedule();
    },
  };
}
