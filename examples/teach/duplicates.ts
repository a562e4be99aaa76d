/** findDuplicate: finds pictures with identical bytes. */
import type { ClassPicture } from './trainingSet';

const hashes = new WeakMap<Blob, Promise<string>>();

/** Returns the SHA-256 of a blob in hexadecimal, cached. */
function sha256Of(blob: Blob): Promise<string> {
  const hash = async () => {
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  const known = hashes.get(blob) ?? hash();
  hashes.set(blob, known);
  return known;
}

/** Returns the picture with the same bytes. Reads only pictures of the same size. */
export async function findDuplicate(
  blob: Blob,
  pictures: Iterable<ClassPicture>,
): Promise<ClassPicture | undefined> {
  if (!crypto.subtle) return undefined; // not available on http: pages
  for (const picture of pictures) {
    if (
      picture.blob.size === blob.size &&
      (await sha256Of(picture.blob)) === (await sha256Of(blob))
    )
      return picture;
  }
  return undefined;
}
