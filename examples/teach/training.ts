/** training: one button, and what one sees while it trains: the pictures being looked at, then the curves. */
import {
  TrainingError,
  type RemoteModel as Model,
  type RemoteRun,
  type RemoteTunedModel as TunedModel,
} from 'alexnet-ts/worker';
import { stratifiedSplit } from 'alexnet-ts/training';
import { curves } from '../gallery/curves';
import { byId } from '../gallery/elements';
import type { Status } from '../gallery/status';
import type { Album, ClassPicture } from './album';
import type { ClassCards } from './classCards';
import { duration, inWords, remaining } from '../gallery/inWords';
import { oneAtATime } from './oneAtATime';
import { settingsOf, watchSettings } from './settings';

/** A picture that was kept back, and the class that it shows. */
export interface Kept {
  picture: ClassPicture;
  label: string;
}

export interface TrainingOptions {
  base: Promise<Model>;
  album: Album;
  cards: ClassCards;
  report: Status;
  /** Given the model, which is theirs to dispose, and what it can be measured by. */
  onTrained(tuned: TunedModel, kept: Kept[]): unknown;
}

/** A training on cached features takes a fifth of a second; so many of its steps are drawn, for the eye. */
const DRAWN_STEPS = 150;
const SEED = 0;

/** The next frame; in a hidden tab, which has none, at once. */
const frame = () =>
  new Promise<void>((resolve) => {
    if (document.hidden) return resolve();
    requestAnimationFrame(() => resolve());
    setTimeout(resolve, 250);
  });

export function training({ base, album, cards, report, onTrained }: TrainingOptions): void {
  const form = byId<HTMLFormElement>('settings');
  const start = byId<HTMLButtonElement>('train');
  const cancel = byId<HTMLButtonElement>('cancel-training');
  const accuracy = curves(
    byId('accuracy'),
    [
      { name: 'learnt from', colour: '--tower-2', scale: 'accuracy' },
      { name: 'kept back', colour: '--tower-1', scale: 'accuracy', dashed: true },
    ],
    { label: 'epoch', height: 150 },
  );
  const loss = curves(
    byId('loss'),
    [
      { name: 'learnt from', colour: '--tower-2' },
      { name: 'kept back', colour: '--tower-1', dashed: true },
    ],
    { label: 'epoch', height: 150 },
  );
  watchSettings(form);
  start.addEventListener('click', async () => {
    await oneAtATime(train);
    if (document.activeElement === document.body) start.focus(); // Cancel, which had it, is gone
  });

  async function train() {
    const all = () => album.classes.flatMap(({ pictures }) => pictures);
    try {
      const { dataset, pictures } = album.dataset();
      const settings = settingsOf(form);
      const labels = dataset.examples.map(({ label }) => label);
      const kept = stratifiedSplit(labels, settings.validationSplit, SEED).validation; // what fineTune keeps back with this seed
      const abort = new AbortController();
      cancel.hidden = false;
      cancel.onclick = () => abort.abort();
      cancel.focus();
      byId('curves').hidden = true;
      const model = await untilAborted(base, abort.signal);
      cards.mark(pictures, 'waiting');
      const begin = performance.now();
      const keptPictures = new Set(kept.map((i) => pictures[i]!));
      const frames = kept.length > 0 ? ' Those in a dashed frame are kept back.' : '';
      let looked = 0;
      const run = model.fineTune(dataset, {
        ...settings,
        seed: SEED,
        signal: abort.signal,
        onProgress({ phase, loaded, total }) {
          if (phase !== 'features') return;
          for (; looked < loaded; looked++) {
            const picture = pictures[looked]!;
            cards.mark([picture], keptPictures.has(picture) ? 'kept' : 'seen');
          }
          report.progress(
            `Looking at ${inWords(total, 'picture')}: ${loaded} done${remaining(begin, loaded, total)}.${frames}`,
            loaded / total,
          );
        },
      });
      const stopped = await watch(run);
      const tuned = await run;
      const seconds = (performance.now() - begin) / 1000;
      const unread =
        tuned.problems.length > 0
          ? ` ${inWords(tuned.problems.length, 'picture')} could not be read and were left out.`
          : '';
      report.say(
        `${stopped ?? `Trained in ${duration(seconds)}.`} It tells ${inWords(tuned.labels.length, 'class', 'classes')} apart.${unread}`,
      );
      await onTrained(
        tuned,
        kept.map((i) => ({ picture: pictures[i]!, label: dataset.classes[labels[i]!]! })),
      );
    } catch (error) {
      await failed(error);
    } finally {
      cancel.hidden = true;
      cards.mark(all(), undefined);
    }
  }

  /** Draws the steps. Gives what to say when it was stopped before its end. */
  async function watch(run: RemoteRun): Promise<string | undefined> {
    let stopped: string | undefined;
    let last = 'its first steps';
    for await (const { step, steps, epoch, epochs, completed } of run) {
      if (step === 1) {
        accuracy.clear();
        loss.clear();
        byId('curves').hidden = false;
        cancel.onclick = () => {
          run.stop();
          stopped = `Stopped after ${last}, and kept what it had learnt by then.`;
        };
      }
      if (completed) {
        accuracy.add(epoch, [completed.accuracy, completed.validation?.accuracy]);
        loss.add(epoch, [completed.loss, completed.validation?.loss]);
        last = `epoch ${epoch} of ${epochs}`;
      }
      report.progress(`Training: epoch ${epoch} of ${epochs}`, step / steps);
      if (step % Math.max(1, Math.round(steps / DRAWN_STEPS)) === 0 || completed) await frame();
    }
    return stopped;
  }

  async function failed(error: unknown) {
    report.fail(error);
    if (error instanceof Error && error.name === 'AbortError')
      report.say('Cancelled. Nothing was trained.');
    if (!(error instanceof TrainingError)) return;
    const best = (await error.best?.()) as TunedModel | undefined;
    const sentence =
      'Training went out of all bounds: the learning rate is too high. Take a tenth of it under Settings, or leave it empty.';
    report.fail(
      new Error(`${sentence}${best ? ' What it had learnt in its best epoch is kept.' : ''}`),
    );
    if (best) await onTrained(best, []);
  }
}

/** The promise, or the signal's reason. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    ),
  ]);
}
