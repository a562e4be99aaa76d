/** savedModels: saves models in the browser or as files, loads them, and shows code to use them. */
import { WeightsError, load, remove, saved, type Model, type SavedModel } from 'alexnet-ts/worker';
import { button, byId, createElement } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';
import { appCode } from './appCode';
import { filePicker } from './filePicker';
import { reactComponent } from './takeaway/programs';
import { formatBytes, formatList } from '../gallery/format';
import type { Workspace } from './workspace';

const DATE = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });
const PREFIX = 'indexeddb://';

/** `onLoaded` is called with a loaded model. */
export function savedModels(
  workspace: Workspace,
  status: StatusLine,
  onLoaded: (model: Model) => unknown,
): void {
  const field = byId<HTMLInputElement>('model-name');
  const [save, download] = [byId<HTMLButtonElement>('save'), byId<HTMLButtonElement>('download')];
  let models: SavedModel[] = [];
  let shown: Parameters<typeof appCode> = ['my-model', ['mug', 'key']];

  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      status.fail(withAdvice(error));
    }
  };

  function enteredName(): string {
    const name = field.value.trim();
    if (!workspace.model) throw new Error('There is no model yet. Train one first.');
    if (!name || /[/\\]/.test(name)) throw new Error('Enter a model name without slashes.');
    return name;
  }

  /** Shows code that uses the downloaded model in an app. */
  function showAppCode(name: string, labels: readonly string[]): void {
    shown = [name, labels];
    const kind = document.querySelector<HTMLInputElement>('[name=app-code-kind]:checked')!.value;
    byId('app-code').textContent =
      kind === 'react'
        ? `// npm install alexnet-ts\n${reactComponent({ labels }, name)}`
        : appCode(name, labels);
  }

  const saveTo = async (where: string) => {
    const name = enteredName();
    const exists = models.some((each) => each.where === PREFIX + name);
    status.progress('Saving …');
    const { bytes } = await workspace.model!.save(`${where}${name}`);
    const replaced = exists ? ', replacing the previous one' : '';
    status.show(
      where === PREFIX
        ? `Saved “${name}” in this browser: ${formatBytes(bytes)}${replaced}.`
        : `Downloaded “${name}.zip”: ${formatBytes(bytes)}.`,
    );
    showAppCode(name, workspace.model!.labels);
  };
  const saveHere = () =>
    attempt(async () => {
      await saveTo(PREFIX);
      await refresh();
    });
  save.addEventListener('click', () =>
    attempt(async () => {
      const name = enteredName();
      await refresh(); // another tab may have saved
      if (!models.some((each) => each.where === PREFIX + name)) return saveHere();
      status.offer(`There is already a model “${name}” in this browser.`, 'Replace it', saveHere);
    }),
  );
  download.addEventListener('click', () => attempt(() => saveTo('downloads://')));

  const open = (weights: string | File[], name: string) =>
    attempt(async () => {
      status.progress(`Loading “${name}” …`);
      const loaded = await load({ weights, base: await workspace.base });
      status.show(`Loaded “${name}” with the classes ${formatList(loaded.labels)}.`);
      field.value = name;
      onLoaded(loaded);
    });
  byId('from-file').append(
    filePicker('Load from file', { multiple: true }, (files) =>
      open(files, files[0]!.name.replace(/( \(\d+\))?\.zip$/i, '')),
    ),
  );

  const row = ({ where, labels, bytes, savedAt }: SavedModel) => {
    const name = where.slice(PREFIX.length);
    const about = createElement(
      'span',
      { className: 'about' },
      createElement('strong', {}, name),
      `${formatList(labels)} · ${formatBytes(bytes)} · ${DATE.format(savedAt)}`,
    );
    const buttons = createElement('span', { className: 'toolbar' });
    buttons.append(
      button('Load', () => open(where, name), { className: 'quiet', ariaLabel: `Load ${name}` }),
      button(
        'Delete',
        () =>
          attempt(async () => {
            await remove(where);
            status.show(`Deleted “${name}”.`);
            await refresh();
          }),
        { className: 'quiet', ariaLabel: `Delete ${name}` },
      ),
    );
    return createElement('li', {}, about, buttons);
  };

  async function refresh() {
    models = await saved();
    byId('saved').replaceChildren(...models.map(row));
    byId('none-saved').hidden = models.length > 0;
  }
  void attempt(refresh);
  showAppCode(...shown);
  byId('app-code-kind').addEventListener('change', () => showAppCode(...shown));

  workspace.on('model', () => {
    const { model } = workspace;
    save.disabled = download.disabled = model === undefined;
    if (!model) return void (field.value = '');
    field.value ||= model.labels.slice(0, 3).join('-');
    showAppCode(field.value, model.labels);
  });
}

/** Replaces the library's message when storage is full. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof WeightsError)) return error;
  if (!/quota exceeded/.test(error.message)) return new Error(error.message);
  return new Error(
    'The browser is out of storage space. Delete a saved model below, or download this one instead.',
  );
}
