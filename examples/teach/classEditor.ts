/** classEditor: adds classes to a trained model or removes them, without training from scratch. */
import type { TunedModel } from 'alexnet-ts/worker';
import { byId, button, createElement } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import type { PictureClass } from './trainingSet';
import type { Workspace } from './workspace';
import { countOf, timeLeft } from '../gallery/format';
import { trainingButton, withTrainingLock } from './trainingLock';

/** A model must keep as many. */
const MIN_CLASSES = 2;

/**
 * Shows the classes of the model, and those of the training set that it lacks. Why a class cannot be
 * removed is said next to the classes, the rest next to the button that cancels training. `onChange`
 * is called with the new model and what changed.
 */
export function classEditor(
  workspace: Workspace,
  { training, testing }: Record<'training' | 'testing', StatusLine>,
  onChange: (model: TunedModel, change: 'added' | 'removed') => unknown,
): void {
  const list = byId('model-classes');
  const cancel = byId<HTMLButtonElement>('cancel-training');

  const attempt = (status: StatusLine, work: () => Promise<unknown>) => () =>
    withTrainingLock(async () => {
      try {
        await work();
      } catch (error) {
        status.fail(error);
        if (error instanceof Error && error.name === 'AbortError')
          status.show('Canceled. The model is unchanged.');
      }
    });

  async function addClass(model: TunedModel, { name, pictures }: PictureClass) {
    const abort = new AbortController();
    cancel.hidden = false;
    cancel.onclick = () => abort.abort();
    const start = performance.now();
    try {
      const extended = await model.addClass(
        name,
        pictures.map(({ blob }) => blob),
        {
          signal: abort.signal,
          onProgress: ({ phase, loaded, total }) =>
            training.progress(
              phase === 'features'
                ? `Processing ${countOf(total, 'picture')}${timeLeft(start, loaded, total)}`
                : 'Training …',
              loaded / total,
            ),
        },
      );
      training.show(
        `Class “${name}” added. Only its ${countOf(pictures.length, 'picture')} had to be processed.`,
      );
      onChange(extended as TunedModel, 'added');
    } finally {
      cancel.hidden = true;
    }
  }

  async function removeClass(model: TunedModel, label: string) {
    const reduced = (await model.removeClass(label)) as TunedModel;
    training.show(`Class “${label}” removed.`);
    onChange(reduced, 'removed');
  }

  const update = () => {
    const { model, trainingSet } = workspace;
    if (!model?.isTuned()) return list.replaceChildren();
    const chips = model.labels.map((label) => {
      if (model.labels.length <= MIN_CLASSES) return createElement('li', {}, label);
      const remove = trainingButton(
        button(
          '×',
          attempt(testing, () => removeClass(model, label)),
        ),
      );
      remove.ariaLabel = `Remove class ${label}`;
      return createElement('li', {}, label, remove);
    });
    const missing = trainingSet.classes.filter(
      ({ name, pictures }) => pictures.length > 0 && !model.labels.includes(name),
    );
    const buttons = missing.map((each) =>
      createElement(
        'li',
        { className: 'plain' },
        trainingButton(
          button(
            `Add class “${each.name}”`,
            attempt(training, () => addClass(model, each)),
            { className: 'quiet' },
          ),
        ),
      ),
    );
    list.replaceChildren(...chips, ...buttons);
  };
  workspace.on('pictures', update);
  workspace.on('model', update);
}
