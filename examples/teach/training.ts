/** training: trains on the training set, and shows progress on the pictures and as curves. */
import { TrainingError, type EpochReport, type TunedModel } from 'alexnet-ts/worker';
import { stratifiedSplit } from 'alexnet-ts/training';
import { byId } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import type { ClassPicture } from './trainingSet';
import type { ClassCards } from './classCards';
import { countOf, formatDuration, timeLeft } from '../gallery/format';
import { withTrainingLock } from './trainingLock';
import type { TrainingSettings } from './trainingSettings';
import { trainingCurves } from './trainingCurves';
import type { TimeEstimate } from './timeEstimate';
import type { Workspace } from './workspace';

/** A validation picture and its class. */
export interface ValidationPicture {
  picture: ClassPicture;
  label: string;
}

export interface TrainingOptions {
  workspace: Workspace;
  cards: ClassCards;
  status: StatusLine;
  estimate: TimeEstimate;
  settings: TrainingSettings;
  /** Called with the model and the validation pictures. */
  onTrained(tuned: TunedModel, validation: ValidationPicture[]): unknown;
}

const SEED = 0;

export function training(options: TrainingOptions): void {
  const { workspace, cards, status, estimate, settings, onTrained } = options;
  const { base, trainingSet } = workspace;
  const start = byId<HTMLButtonElement>('train');
  const cancel = byId<HTMLButtonElement>('cancel-training');
  const curves = trainingCurves();
  start.addEventListener('click', async () => {
    await withTrainingLock(train);
    if (document.activeElement === document.body) start.focus(); // the Cancel button is hidden now
  });

  async function train() {
    try {
      const { dataset, pictures } = trainingSet.dataset();
      const { validationSplit, ...others } = settings.read();
      const labels = dataset.examples.map(({ label }) => label);
      // The split of fineTune with this seed.
      const validation = stratifiedSplit(labels, validationSplit, SEED).validation;
      const abort = new AbortController();
      cancel.hidden = false;
      cancel.onclick = () => abort.abort();
      cancel.focus();
      curves.clear();
      const model = await untilAborted(base, abort.signal);
      cards.mark(pictures, 'pending');
      const begin = performance.now();
      const validationSet = new Set(validation.map((i) => pictures[i]!));
      const legend = validation.length > 0 ? ' Dashed frames mark held-out pictures.' : '';
      const history: EpochReport[] = [];
      let processed = 0;
      let stopped: string | undefined;
      // Callbacks, not a loop over the run: a loop would make the run wait for the page.
      const run = model.fineTune(dataset, {
        ...others,
        validationSplit,
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
          if (loaded === total) estimate.record(total, (performance.now() - begin) / 1000);
        },
        onBatch({ step, steps, epoch, epochs }) {
          if (stopped) return;
          cancel.onclick = () => {
            run.stop();
            const last = history.at(-1);
            const after = last ? `epoch ${last.epoch} of ${last.epochs}` : 'the first steps';
            stopped = `Stopped after ${after}; the model is usable.`;
          };
          status.progress(`Training: epoch ${epoch} of ${epochs}`, step / steps);
        },
        onEpoch(report) {
          history.push(report);
          curves.add(report);
        },
      });
      const tuned = await run;
      const seconds = (performance.now() - begin) / 1000;
      const unreadable =
        tuned.problems.length > 0
          ? ` ${countOf(tuned.problems.length, 'picture')} could not be read and were skipped.`
          : '';
      const best = others.earlyStopping && !stopped ? curves.markBest(history) : '';
      status.offer(
        `${stopped ?? `Trained in ${formatDuration(seconds)}.`} The model has ${countOf(tuned.labels.length, 'class', 'classes')}.${best}${unreadable}`,
        'Try it',
        () => byId('try-title').scrollIntoView({ block: 'start' }),
      );
      await onTrained(
        tuned,
        validation.map((i) => ({ picture: pictures[i]!, label: dataset.classes[labels[i]!]! })),
      );
    } catch (error) {
      await failed(error);
    } finally {
      cancel.hidden = true;
      cards.mark(
        trainingSet.classes.flatMap(({ pictures }) => pictures),
        undefined,
      );
    }
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
