/** offerDownload: offers a file to the visitor as a download. */
import { createElement } from '../gallery/elements';
import { fileName } from './fileName';

/** Time within which the download must have started, in ms. */
const STARTED = 60_000;

/** Returns the name of the downloaded file: `name`, as a file system accepts it, with `ending`. */
export function offerDownload(file: Blob, name: string, ending: string): string {
  const href = URL.createObjectURL(file);
  const download = `${fileName(name)}${ending}`;
  createElement('a', { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), STARTED);
  return download;
}
