/** trainingRun: trains in the worker and shows curves, the time left and predictions. */
import { proxy, wrap } from 'comlink';
import { byId } from '../gallery/elements';
import { formatPercent } from '../gallery/format';
import { learningCurves, type LearningCurves } from '../gallery/learningCurves';
import { statusLine } from '../gallery/statusLine';
import { countCorrect, showPredictions } from './predictionList';
import type { EpochReport, TrainingJob, TrainingWorker } from './worker';

const worker = wrap<TrainingWorker>(
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);
const status = statusLine(byId('status'));
let chart: LearningCurves | undefined;

/** Called when the chart becomes visible: hidden elements have no width. */
const createChart = () =>
  learningCurves(
    byId('curves'),
    [
      { name: 'loss', color: '--soft' },
      { name: 'training accuracy', scale: 'accuracy', color: '--tower-1' },
      { name: 'validation accuracy', scale: 'accuracy', color: '--tower-2', dashed: true },
    ],
    { label: 'epoch', height: 300 },
  );

export const stopTraining = (): void => void worker.stop();

/** Resolves when training ends, even with an error. */
export async function runTraining(job: TrainingJob): Promise<void> {
  let end: number | undefined;
  let last: EpochReport | undefined;
  const update = () => {
    if (end === undefined || !last) return;
    const left = Math.max(0, end - performance.now()) / 1000;
    const { epoch, loss, accuracy, validation } = last;
    const accuracies = `accuracy ${formatPercent(accuracy)} in training, ${formatPercent(validation!.accuracy)} in validation`;
    status.progress(
      `Epoch ${epoch}: loss ${loss.toFixed(2)}, ${accuracies}. ${Math.ceil(left)} s left.`,
      1 - left / job.seconds,
    );
  };
  const timer = setInterval(update, 500);
  byId('results').hidden = false;
  byId('predictions').replaceChildren();
  chart ??= createChart();
  chart.clear();
  status.progress('Loading TensorFlow.js …');
  try {
    const predictions = await worker.train(
      job,
      proxy({
        onPicture(done: number, total: number) {
          status.progress(`Reading pictures: ${done} of ${total}`, done / total);
          end = performance.now() + 1000 * job.seconds;
        },
        onEpoch(epoch: EpochReport) {
          last = epoch;
          chart!.add(epoch.epoch, [epoch.loss, epoch.accuracy, epoch.validation!.accuracy]);
          update();
        },
      }),
    );
    const epochs = last ? `${(last as EpochReport).epoch} epochs` : 'less than one epoch';
    status.show(`Done: ${epochs}. Validation pictures: ${countCorrect(predictions)}.`);
    showPredictions(byId('predictions'), predictions);
  } catch (error) {
    status.fail(error);
  } finally {
    clearInterval(timer);
  }
}
