/**
 * Saving as a download: one zip, which `load({ weights: file })` reads, and which unpacked is a set
 * that a server can serve.
 */
import { OptionsError } from '../../errors';
import type { WrittenSet } from './write';

/** How long the browser may take to begin the download, in ms. */
const FETCHED = 60_000;

/**
 * The files of a set in one. Shards hold numbers, which hardly pack: they are stored as they are.
 */
export async function zipSet({ manifest, shards }: WrittenSet): Promise<Blob> {
  const { zipSync } = await import('fflate');
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = zipSync(
    { 'model.json': [text, { level: 6 }], ...Object.fromEntries(shards) },
    { level: 0 },
  );
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/zip' });
}

/**
 * How the user is handed a file. A worker, which has no document, puts its page's way in this
 * place.
 */
export const user = {
  give(name: string, file: Blob): void | Promise<void> {
    if (typeof document === 'undefined') {
      throw new OptionsError(
        "save: 'downloads://…' is for pages. In Node give a path, in a worker 'indexeddb://…'.",
      );
    }
    const href = URL.createObjectURL(file);
    const link = Object.assign(document.createElement('a'), { href, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), FETCHED);
  },
};

/** Hands the user `name.zip`. */
export async function download(name: string, set: WrittenSet): Promise<void> {
  await user.give(`${name.replace(/\.zip$/i, '')}.zip`, await zipSet(set));
}
