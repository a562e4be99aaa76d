/** Distinguishes a zip of a set from one of torch.save. */
import { unzipRaw } from 'unzipit';
import type { FileParts } from '../convert/fileReader';

/**
 * Whether a file should be read as a zip of a set: it contains a model.json, or it is a zip of
 * neither kind that is not named like a model, and the reader of sets reports what is wrong with
 * it.
 */
export async function isZippedSet(file: FileParts): Promise<boolean> {
  const [first, second] = await file.read(0, Math.min(2, file.size));
  if (first !== 0x50 || second !== 0x4b) return /\.zip$/i.test(file.name); // which the reader of zips refuses
  const isNamedSet = !/\.(pth?|tar|ckpt|bin)$/i.test(file.name);
  try {
    const { entries } = await unzipRaw({
      getLength: async () => file.size,
      read: async (offset, length) =>
        (await file.read(offset, offset + length)) as Uint8Array<ArrayBuffer>,
    });
    const has = (wanted: RegExp) => entries.some(({ name }) => wanted.test(name));
    return has(/(^|\/)model\.json$/) || (isNamedSet && !has(/(^|\/)data\.pkl$/));
  } catch {
    return isNamedSet; // a truncated zip
  }
}
