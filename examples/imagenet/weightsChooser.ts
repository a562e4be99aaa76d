/** weightsChooser: lets the visitor choose, drop or paste a weights file, or enter its address. */
import { byId } from '../gallery/elements';
import type { StatusLine } from '../gallery/statusLine';

/** Calls `onChosen` with a file or an address. Invalid addresses are reported in `status`. */
export function onWeightsChosen(
  onChosen: (source: File | string) => unknown,
  status: StatusLine,
): void {
  byId<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
    const [file] = (target as HTMLInputElement).files!;
    if (file) onChosen(file);
    (target as HTMLInputElement).value = '';
  });
  byId('link').addEventListener('submit', (event) => {
    event.preventDefault();
    const address = byId<HTMLInputElement>('address').value.trim();
    if (URL.canParse(address)) onChosen(address);
    else status.fail(new Error(`“${address}” is not the address of a file.`));
  });
  for (const type of ['dragover', 'dragleave', 'drop'] as const) {
    // Before the picture input, which takes drops anywhere on the page.
    addEventListener(
      type,
      (event) => {
        const items = [...(event.dataTransfer?.items ?? [])];
        if (items.length === 0 || items.some((item) => item.type.startsWith('image/'))) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        byId('drop').classList.toggle('over', type === 'dragover');
        const [file] = event.dataTransfer!.files;
        if (type === 'drop' && file) onChosen(file);
      },
      { capture: true },
    );
  }
}
