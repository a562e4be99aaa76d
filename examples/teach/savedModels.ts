/** savedModels: what one takes away: the model in this browser's storage, or as a file, and back again. */
import {
  WeightsError,
  load,
  remove,
  saved,
  type RemoteModel as Model,
  type SavedModel,
} from 'alexnet-ts/worker';
import { button, byId, make } from '../gallery/elements';
import type { Status } from '../gallery/status';
import { picker } from './classCards';
import { list, size } from '../gallery/inWords';
import { appCode } from './appCode';

export interface SavedModels {
  /** The model that Save and Download mean; a `name` where it has one. */
  use(model: Model, name?: string): void;
}

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const PREFIX = 'indexeddb://';

/** `onLoaded` is given a model, which is theirs to dispose. */
export function savedModels(
  base: Promise<Model>,
  report: Status,
  onLoaded: (model: Model, name: string) => unknown,
): SavedModels {
  const field = byId<HTMLInputElement>('model-name');
  const [save, download] = [byId<HTMLButtonElement>('save'), byId<HTMLButtonElement>('download')];
  let model: Model | undefined;
  let models: SavedModel[] = [];

  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      report.fail(withAdvice(error));
    }
  };

  function nameOf(): string {
    const name = field.value.trim();
    if (!model) throw new Error('There is no model yet. Train one first.');
    if (!name || /[/\\]/.test(name))
      throw new Error(
        'The model needs a name without slashes. Write one into the field, then try again.',
      );
    return name;
  }

  const into = async (where: string) => {
    const name = nameOf();
    const known = models.some((each) => each.where === PREFIX + name);
    report.progress('Saving …');
    const { bytes } = await model!.save(`${where}${name}`);
    const old = known ? ', in the place of the one of that name' : '';
    report.say(
      where === PREFIX
        ? `Saved “${name}” in this browser: ${size(bytes)}${old}.`
        : `“${name}.zip” is among your downloads: ${size(bytes)}.`,
    );
    appCode(name, model!.labels);
  };
  save.addEventListener('click', () =>
    attempt(async () => {
      await into(PREFIX);
      await refresh();
    }),
  );
  download.addEventListener('click', () => attempt(() => into('downloads://')));

  const open = (weights: string | File[], name: string) =>
    attempt(async () => {
      report.progress(`Loading “${name}” …`);
      const loaded = await load({ weights, base: await base });
      report.say(`“${name}” is back: it tells ${list(loaded.labels)} apart. Try it above.`);
      onLoaded(loaded, name);
    });
  byId('from-file').append(
    picker('Load from a file', { multiple: true }, (files) =>
      open(files, files[0]!.name.replace(/( \(\d+\))?\.zip$/i, '')),
    ),
  );

  const row = ({ where, labels, bytes, savedAt }: SavedModel) => {
    const name = where.slice(PREFIX.length);
    const about = make(
      'span',
      { className: 'about' },
      make('strong', {}, name),
      `${list(labels)} · ${size(bytes)} · ${DATE.format(savedAt)}`,
    );
    const buttons = make('span', { className: 'toolbar' });
    buttons.append(
      button('Load', () => open(where, name), { className: 'quiet', ariaLabel: `Load ${name}` }),
      button(
        'Delete',
        () =>
          attempt(async () => {
            await remove(where);
            report.say(`Deleted “${name}”.`);
            await refresh();
          }),
        { className: 'quiet', ariaLabel: `Delete ${name}` },
      ),
    );
    return make('li', {}, about, buttons);
  };

  async function refresh() {
    models = await saved();
    byId('saved').replaceChildren(...models.map(row));
    byId('none-saved').hidden = models.length > 0;
  }
  void attempt(refresh);
  appCode('my-model', ['mug', 'key']);

  return {
    use(next, name) {
      model = next;
      save.disabled = download.disabled = false;
      field.value = name ?? (field.value || next.labels.slice(0, 3).join('-'));
      appCode(field.value, next.labels);
    },
  };
}

/** The library's words, and what this page can do about it. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof WeightsError)) return error;
  if (!/quota exceeded/.test(error.message)) return new Error(error.message);
  return new Error(
    'The browser has no room left for it. Delete a saved model below, or download this one instead.',
  );
}
