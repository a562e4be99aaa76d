/**
 * Saves a set as a download: a zip that `load({ weights: file })` reads, with the files of a set
 * that a server can serve.
 */
import { OptionsError } from '../../errors';
import type { WrittenSet } from './write';

/** Time within which the download must have started, in ms. */
const FETCHED = 60_000;

/** Zips the files of a set. Shards are stored uncompressed, because weights hardly compress. */
export async function zipSet({ manifest, shards }: WrittenSet): Promise<Blob> {
  const { zipSync } = await import('fflate');
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = zipSync(
    { 'model.json': [text, { level: 6 }], ...Object.fromEntries(shards) },
    { level: 0 },
  );
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/zip' });
}

/** Offers a file to the user. A worker, which has no document, replaces `give`. */
export const user = {
  give(name: string, file: Blob): void | Promise<void> {
    if (typeof document === 'undefined') {
      throw new OptionsError(
        "save: 'downloads://…' works in pages only. In Node pass a path, in a worker 'indexeddb://…'.",
      );
    }
    const href = URL.createObjectURL(file);
    const link = Object.assign(document.createElement('a'), { href, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), FETCHED);
  },
};

/** Offers `name.zip` to the user. */
export async function download(name: string, set: WrittenSet): Promise<void> {
  await user.give(`${name.replace(/\.zip$/i, '')}.zip`, await zipSet(set));
}
