/** filePicker: a button that opens the browser's file chooser. */
import { createElement } from '../gallery/elements';

/** Creates a file input that looks like a button. */
export function filePicker(
  text: string,
  properties: Partial<HTMLInputElement>,
  onFiles: (files: File[]) => unknown,
): HTMLLabelElement {
  const input = createElement('input', { type: 'file', className: 'unseen', ...properties });
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // allows choosing the same files again
    if (files.length > 0) void onFiles(files);
  });
  return createElement('label', { className: 'button quiet' }, text, input);
}
