/** offerDownload: offers a file to the visitor as a download. */
import { createElement } from '../gallery/elements';

/** Time within which the download must have started, in ms. */
const STARTED = 60_000;

/** Characters in the name that a file system may refuse become hyphens. */
export function offerDownload(file: Blob, name: string): string {
  const href = URL.createObjectURL(file);
  const download = name.replace(/[/\\:*?"<>|]/g, '-');
  createElement('a', { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), STARTED);
  return download;
}
