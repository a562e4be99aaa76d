/** classEditor: adds classes to a trained model or removes them, without training from scratch. */
import type { TunedModel } from 'alexnet-ts/worker';
import { byId, button, createElement } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import type { PictureClass } from './trainingSet';
import type { Workspace } from './workspace';
import { countOf, timeLeft } from '../gallery/format';
import { trainingButton, withTrainingLock } from './trainingLock';

/**
 * Shows the classes of the model, and those of the training set that it lacks. `onChange` is called
 * with the new model and what changed.
 */
export function classEditor(
  workspace: Workspace,
  status: StatusLine,
  onChange: (model: TunedModel, change: 'added' | 'removed') => unknown,
): void {
  const list = byId('model-classes');
  const cancel = byId<HTMLButtonElement>('cancel-training');

  const attempt = (work: () => Promise<unknown>) => () =>
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
            status.progress(
              phase === 'features'
                ? `Processing ${countOf(total, 'picture')}${timeLeft(start, loaded, total)}`
                : 'Training …',
              loaded / total,
            ),
        },
      );
      status.show(
        `Class “${name}” added. Only its ${countOf(pictures.length, 'picture')} had to be processed.`,
      );
      onChange(extended as TunedModel, 'added');
    } finally {
      cancel.hidden = true;
    }
  }

  async function removeClass(model: TunedModel, label: string) {
    const reduced = (await model.removeClass(label)) as TunedModel;
    status.show(`Class “${label}” removed.`);
    onChange(reduced, 'removed');
  }

  const update = () => {
    const { model, trainingSet } = workspace;
    if (!model?.isTuned()) return list.replaceChildren();
    const chips = model.labels.map((label) => {
      const remove = trainingButton(
        button(
          '×',
          attempt(() => removeClass(model, label)),
        ),
      ); // the library requires at least two classes
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
            attempt(() => addClass(model, each)),
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
