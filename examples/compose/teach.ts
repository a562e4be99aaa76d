/** teach: a lesson in the worker, with curves, the seconds left, and at last the answers, shown in the page. */
import { proxy, wrap } from 'comlink';
import { curves, type Curves } from '../gallery/curves';
import { byId } from '../gallery/elements';
import { status } from '../gallery/status';
import { countRight, showAnswers } from './showAnswers';
import type { Epoch, Lesson, School } from './worker';

const school = wrap<School>(
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);
const report = status(byId('status'));
const percent = (share: number) => `${Math.round(100 * share)} %`;
let plot: Curves | undefined;

/** Made when it is first seen: what is hidden has no width. */
const openPlot = () =>
  curves(
    byId('curves'),
    [
      { name: 'loss', colour: '--soft' },
      { name: 'right, training', scale: 'accuracy', colour: '--tower-1' },
      { name: 'right, kept back', scale: 'accuracy', colour: '--tower-2', dashed: true },
    ],
    { label: 'epoch', height: 300 },
  );

export const stopTeaching = (): void => void school.stop();

/** Resolves when the lesson is over, however it ended. */
export async function teach(lesson: Lesson): Promise<void> {
  let end: number | undefined;
  let last: Epoch | undefined;
  const tick = () => {
    if (end === undefined || !last) return;
    const left = Math.max(0, end - performance.now()) / 1000;
    const { epoch, loss, accuracy, validation } = last;
    const rights = `right are ${percent(accuracy)} of what it learns from, ${percent(validation!.accuracy)} of what was kept back`;
    report.progress(
      `Epoch ${epoch}: loss ${loss.toFixed(2)}, ${rights}. ${Math.ceil(left)} s left.`,
      1 - left / lesson.seconds,
    );
  };
  const clock = setInterval(tick, 500);
  byId('outcome').hidden = false;
  byId('answers').replaceChildren();
  plot ??= openPlot();
  plot.clear();
  report.progress('Fetching TensorFlow.js …');
  try {
    const answers = await school.teach(
      lesson,
      proxy({
        onPicture(done: number, total: number) {
          report.progress(`Reading the pictures: ${done} of ${total}`, done / total);
          end = performance.now() + 1000 * lesson.seconds;
        },
        onEpoch(epoch: Epoch) {
          last = epoch;
          plot!.add(epoch.epoch, [epoch.loss, epoch.accuracy, epoch.validation!.accuracy]);
          tick();
        },
      }),
    );
    const epochs = last
      ? `${(last as Epoch).epoch} times through the pictures`
      : 'less than once through the pictures';
    report.say(`Done, ${epochs}. Of the pictures kept back, ${countRight(answers)}.`);
    showAnswers(byId('answers'), answers);
  } catch (error) {
    report.fail(error);
  } finally {
    clearInterval(clock);
  }
}
