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
      { name: 'correct in training', scale: 'accuracy', color: '--tower-1' },
      { name: 'correct, new pictures', scale: 'accuracy', color: '--tower-2', dashed: true },
    ],
    { label: 'epoch', height: 300 },
  );

export const stopTraining = (): void => void worker.stop();

/** Shows how many pictures that training does not use are classified correctly. */
function showAccuracy(share: number, pictures: number) {
  byId('accuracy').hidden = false;
  byId('accuracy-number').textContent = formatPercent(share);
  byId('accuracy-text').textContent =
    `of new pictures correct (${Math.round(share * pictures)} of ${pictures}, not used for training)`;
}

/** Resolves when training ends, even with an error. */
export async function runTraining(job: TrainingJob): Promise<void> {
  let end: number | undefined;
  let last: EpochReport | undefined;
  const update = () => {
    if (end === undefined || !last) return;
    const left = Math.max(0, end - performance.now()) / 1000;
    const { epoch, loss, validation } = last;
    showAccuracy(validation!.accuracy, newPictures);
    status.progress(
      `Epoch ${epoch}: loss ${loss.toFixed(2)}. ${Math.ceil(left)} s left.`,
      1 - left / job.seconds,
    );
  };
  const newPictures = Object.values(job.validation).flat().length;
  const timer = setInterval(update, 500);
  byId('results').hidden = false;
  byId('accuracy').hidden = byId('new-pictures').hidden = true;
  chart ??= createChart();
  chart.clear();
  byId('train-title').scrollIntoView();
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
    status.show(`Done: ${epochs}.`);
    showAccuracy(countCorrect(predictions) / predictions.length, predictions.length);
    byId('new-pictures').hidden = false;
    showPredictions(byId('predictions'), predictions);
  } catch (error) {
    status.fail(error);
  } finally {
    clearInterval(timer);
  }
}
