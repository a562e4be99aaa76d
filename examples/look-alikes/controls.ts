/** controls: the buttons that may be pressed, and the list of what was left out. */
import { byId, make } from '../gallery/elements';

/** While something is indexed nothing else can be, and it can be cancelled. */
export function setBusy(busy: boolean): void {
  byId('cancel').hidden = !busy;
  for (const id of ['folder', 'pictures', 'ours', 'forget'])
    byId<HTMLButtonElement>(id).disabled = busy;
}

const LISTED = 100;

export function showLeftOut(sentences: readonly string[]): void {
  const list = byId('left-out');
  const more = sentences.length - LISTED;
  list.hidden = sentences.length === 0;
  list.querySelector('summary')!.textContent = `What was left out (${sentences.length})`;
  list
    .querySelector('ul')!
    .replaceChildren(...sentences.slice(0, LISTED).map((sentence) => make('li', {}, sentence)));
  if (more > 0) list.querySelector('ul')!.append(make('li', {}, `… and ${more} more.`));
}

/** Calls `onFiles` with each choice of files. The same folder can be chosen again. */
export function onChoice(id: string, onFiles: (event: Event) => Promise<unknown>): void {
  const input = byId<HTMLInputElement>(id);
  const clear = () => (input.value = '');
  input.addEventListener('change', (event) => void onFiles(event).then(clear, clear));
}
