/** training: trains on the training set, and shows progress on the pictures and as curves. */
import { TrainingError, type Model, type FineTuneRun, type TunedModel } from 'alexnet-ts/worker';
import { stratifiedSplit } from 'alexnet-ts/training';
import { learningCurves } from '../gallery/learningCurves';
import { byId } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import type { ClassPicture, TrainingSet } from './trainingSet';
import type { ClassCards } from './classCards';
import { countOf, formatDuration, timeLeft } from '../gallery/format';
import { withTrainingLock } from './trainingLock';
import { initSettings, readSettings } from './trainingSettings';

/** A validation picture and its class. */
export interface ValidationPicture {
  picture: ClassPicture;
  label: string;
}

export interface TrainingOptions {
  base: Promise<Model>;
  trainingSet: TrainingSet;
  cards: ClassCards;
  status: StatusLine;
  /** Called with the model, which the caller disposes, and the validation pictures. */
  onTrained(tuned: TunedModel, validation: ValidationPicture[]): unknown;
}

/** Training a head takes a fraction of a second: this many steps wait for a frame. */
const DRAWN_STEPS = 150;
const SEED = 0;

/** Resolves at the next frame, or immediately in a hidden tab. */
const nextFrame = () =>
  new Promise<void>((resolve) => {
    if (document.hidden) return resolve();
    requestAnimationFrame(() => resolve());
    setTimeout(resolve, 250);
  });

export function training({ base, trainingSet, cards, status, onTrained }: TrainingOptions): void {
  const form = byId<HTMLFormElement>('settings');
  const start = byId<HTMLButtonElement>('train');
  const cancel = byId<HTMLButtonElement>('cancel-training');
  const accuracy = learningCurves(
    byId('accuracy'),
    [
      { name: 'training', color: '--tower-2', scale: 'accuracy' },
      { name: 'validation', color: '--tower-1', scale: 'accuracy', dashed: true },
    ],
    { label: 'epoch', height: 150 },
  );
  const loss = learningCurves(
    byId('loss'),
    [
      { name: 'training', color: '--tower-2' },
      { name: 'validation', color: '--tower-1', dashed: true },
    ],
    { label: 'epoch', height: 150 },
  );
  initSettings(form);
  start.addEventListener('click', async () => {
    await withTrainingLock(train);
    if (document.activeElement === document.body) start.focus(); // the Cancel button is hidden now
  });

  async function train() {
    const all = () => trainingSet.classes.flatMap(({ pictures }) => pictures);
    try {
      const { dataset, pictures } = trainingSet.dataset();
      const settings = readSettings(form);
      const labels = dataset.examples.map(({ label }) => label);
      // The split of fineTune with this seed.
      const validation = stratifiedSplit(labels, settings.validationSplit, SEED).validation;
      const abort = new AbortController();
      cancel.hidden = false;
      cancel.onclick = () => abort.abort();
      cancel.focus();
      byId('curves').hidden = true;
      const model = await untilAborted(base, abort.signal);
      cards.mark(pictures, 'pending');
      const begin = performance.now();
      const validationSet = new Set(validation.map((i) => pictures[i]!));
      const legend = validation.length > 0 ? ' Dashed frames mark validation pictures.' : '';
      let processed = 0;
      const run = model.fineTune(dataset, {
        ...settings,
        seed: SEED,
        signal: abort.signal,
        onProgress({ phase, loaded, total }) {
          if (phase !== 'features') return;
          for (; processed < loaded; processed++) {
            const picture = pictures[processed]!;
            cards.mark([picture], validationSet.has(picture) ? 'validation' : 'training');
          }
          status.progress(
            `Processing ${countOf(total, 'picture')}: ${loaded} done${timeLeft(begin, loaded, total)}.${legend}`,
            loaded / total,
          );
        },
      });
      const stopped = await watch(run);
      const tuned = await run;
      const seconds = (performance.now() - begin) / 1000;
      const unreadable =
        tuned.problems.length > 0
          ? ` ${countOf(tuned.problems.length, 'picture')} could not be read and were skipped.`
          : '';
      status.show(
        `${stopped ?? `Trained in ${formatDuration(seconds)}.`} The model has ${countOf(tuned.labels.length, 'class', 'classes')}.${unreadable}`,
      );
      await onTrained(
        tuned,
        validation.map((i) => ({ picture: pictures[i]!, label: dataset.classes[labels[i]!]! })),
      );
    } catch (error) {
      await failed(error);
    } finally {
      cancel.hidden = true;
      cards.mark(all(), undefined);
    }
  }

  /** Shows the steps. Returns a message if training was stopped early. */
  async function watch(run: FineTuneRun): Promise<string | undefined> {
    let stopped: string | undefined;
    let last = 'the first steps';
    for await (const { step, steps, epoch, epochs, completed } of run) {
      if (step === 1) {
        accuracy.clear();
        loss.clear();
        byId('curves').hidden = false;
        cancel.onclick = () => {
          run.stop();
          stopped = `Stopped after ${last}; the model is usable.`;
        };
      }
      if (completed) {
        accuracy.add(epoch, [completed.accuracy, completed.validation?.accuracy]);
        loss.add(epoch, [completed.loss, completed.validation?.loss]);
        last = `epoch ${epoch} of ${epochs}`;
      }
      status.progress(`Training: epoch ${epoch} of ${epochs}`, step / steps);
      if (step % Math.max(1, Math.round(steps / DRAWN_STEPS)) === 0 || completed) await nextFrame();
    }
    return stopped;
  }

  async function failed(error: unknown) {
    status.fail(error);
    if (error instanceof Error && error.name === 'AbortError')
      status.show('Canceled. Nothing was trained.');
    if (!(error instanceof TrainingError)) return;
    const best = (await error.best?.()) as TunedModel | undefined;
    const message =
      'Training diverged: the learning rate is too high. Try a tenth of it under Settings, or leave it empty.';
    status.fail(new Error(`${message}${best ? ' The model of the best epoch was kept.' : ''}`));
    if (best) await onTrained(best, []);
  }
}

/** Returns the promise, which rejects with the reason if the signal aborts. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    ),
  ]);
}
