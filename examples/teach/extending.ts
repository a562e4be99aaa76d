/** extending: teaches the model one class more, or has it forget one, without starting anew. */
import type { RemoteModel as Model, RemoteTunedModel as TunedModel } from 'alexnet-ts/worker';
import { byId, button, make } from '../gallery/elements';
import type { Status } from '../gallery/status';
import type { Album, PictureClass } from './album';
import { inWords, remaining } from '../gallery/inWords';
import { oneAtATime, trains } from './oneAtATime';

export interface Extending {
  /** Draws what the model knows, and what of the album it does not. */
  update(model: Model | undefined): void;
}

/** `onExtended` is given the new model, which is theirs to dispose, and whether it has learnt from all pictures. */
export function extending(
  album: Album,
  report: Status,
  onExtended: (model: TunedModel, learnt: boolean) => unknown,
): Extending {
  const known = byId('known');
  const cancel = byId<HTMLButtonElement>('cancel-training');

  const attempt = (work: () => Promise<unknown>) => () =>
    oneAtATime(async () => {
      try {
        await work();
      } catch (error) {
        report.fail(error);
        if (error instanceof Error && error.name === 'AbortError')
          report.say('Cancelled. It knows what it knew.');
      }
    });

  async function teach(model: TunedModel, { name, pictures }: PictureClass) {
    const abort = new AbortController();
    cancel.hidden = false;
    cancel.onclick = () => abort.abort();
    const start = performance.now();
    try {
      const taught = await model.addClass(
        name,
        pictures.map(({ blob }) => blob),
        {
          signal: abort.signal,
          onProgress: ({ phase, loaded, total }) =>
            report.progress(
              phase === 'features'
                ? `Looking at ${inWords(total, 'picture')}${remaining(start, loaded, total)}`
                : 'Training …',
              loaded / total,
            ),
        },
      );
      report.say(
        `It knows “${name}” as well now. Only its ${inWords(pictures.length, 'picture')} had to be looked at.`,
      );
      onExtended(taught as TunedModel, true);
    } finally {
      cancel.hidden = true;
    }
  }

  async function forget(model: TunedModel, label: string) {
    const left = (await model.removeClass(label)) as TunedModel;
    report.say(`It has forgotten “${label}”.`);
    onExtended(left, false);
  }

  return {
    update(model) {
      if (!model?.isTuned()) return known.replaceChildren();
      const chips = model.labels.map((label) => {
        const x = trains(
          button(
            '×',
            attempt(() => forget(model, label)),
          ),
        ); // the library refuses to go below two
        x.ariaLabel = `Forget ${label}`;
        return make('li', {}, label, x);
      });
      const unknown = album.classes.filter(
        ({ name, pictures }) => pictures.length > 0 && !model.labels.includes(name),
      );
      const more = unknown.map((each) =>
        make(
          'li',
          { className: 'plain' },
          trains(
            button(
              `Teach it “${each.name}” as well`,
              attempt(() => teach(model, each)),
              { className: 'quiet' },
            ),
          ),
        ),
      );
      known.replaceChildren(...chips, ...more);
    },
  };
}
