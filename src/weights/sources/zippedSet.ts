/** Tells a zip of a set from one of torch.save. */
import { unzipRaw } from 'unzipit';
import type { FileParts } from '../convert/fileReader';

/** Whether a file is a zip with a model.json, or an unreadable zip that is not named like a model. */
export async function isZippedSet(file: FileParts): Promise<boolean> {
  const [first, second] = await file.read(0, Math.min(2, file.size));
  if (first !== 0x50 || second !== 0x4b) return false;
  try {
    const { entries } = await unzipRaw({
      getLength: async () => file.size,
      read: async (offset, length) =>
        (await file.read(offset, offset + length)) as Uint8Array<ArrayBuffer>,
    });
    return entries.some(({ name }) => /(^|\/)model\.json$/.test(name));
  } catch {
    return !/\.(pth?|tar|ckpt|bin)$/i.test(file.name); // its reader says what is wrong with it
  }
}
