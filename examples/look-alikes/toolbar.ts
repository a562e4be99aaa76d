/** toolbar: the buttons of the page, and the list of skipped files. */
import { byId, createElement } from '../gallery/elements';

/** Disables the other buttons while indexing, and shows Cancel. */
export function setBusy(busy: boolean): void {
  byId('cancel').hidden = !busy;
  for (const id of ['folder', 'pictures', 'add-samples', 'clear'])
    byId<HTMLButtonElement>(id).disabled = busy;
}

/** At most this many are listed. */
const LISTED = 100;

export function showSkipped(messages: readonly string[]): void {
  const list = byId('skipped');
  const more = messages.length - LISTED;
  list.hidden = messages.length === 0;
  list.querySelector('summary')!.textContent = `Skipped files (${messages.length})`;
  list
    .querySelector('ul')!
    .replaceChildren(
      ...messages.slice(0, LISTED).map((message) => createElement('li', {}, message)),
    );
  if (more > 0) list.querySelector('ul')!.append(createElement('li', {}, `… and ${more} more.`));
}

/** Calls `onFiles` when files are chosen. Allows choosing the same folder again. */
export function onFilesChosen(id: string, onFiles: (event: Event) => Promise<unknown>): void {
  const input = byId<HTMLInputElement>(id);
  const clear = () => (input.value = '');
  input.addEventListener('change', (event) => void onFiles(event).then(clear, clear));
}
