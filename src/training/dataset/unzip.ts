/** Unzips images, with limits on their size. */
import { OptionsError, reasonOf } from '../../errors';
import { checkPath, type FileWithPath } from './classFolders';
import type { DatasetProblem } from './dataset';
import { zipNames } from './zipNames';

/** Bytes of one image's file, inflated. No photo is larger. */
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024;
/** Bytes of all files, which are held in memory. */
export const MAX_ZIP_BYTES = 1024 * 1024 * 1024;
/**
 * Compressed bytes that are inflated at a time. One byte can become a thousand, and the limits are
 * checked in between.
 */
const CHUNK = 16 * 1024;

export interface UnzipOptions {
  signal?: AbortSignal | undefined;
  /** Called with the number of compressed bytes that were read. */
  onBytes?: ((loaded: number) => void) | undefined;
  /** For tests. @default 64 MiB */
  maxImageBytes?: number | undefined;
  /** For tests. @default 1 GiB */
  maxZipBytes?: number | undefined;
}

/** "PK" and the record's type: a file, the end of an empty zip, or a part of a split one. */
const SIGNATURES = [
  [0x50, 0x4b, 3, 4],
  [0x50, 0x4b, 5, 6],
  [0x50, 0x4b, 7, 8],
];

/** An image's file from a zip. */
export interface ZippedFile extends FileWithPath {
  image: Blob;
}

/**
 * Inflates the images of a zip, one after the other. Files that are not images or cannot be read
 * are listed in `problems`.
 *
 * @throws OptionsError for a file that is not a complete zip, or a zip that inflates to more than
 * it states or than the limits.
 */
export async function unzip(
  zip: Blob,
  where: string,
  {
    signal,
    onBytes,
    maxImageBytes = MAX_IMAGE_BYTES,
    maxZipBytes = MAX_ZIP_BYTES,
  }: UnzipOptions = {},
): Promise<{ files: ZippedFile[]; problems: DatasetProblem[] }> {
  const { Unzip, UnzipInflate } = await import('fflate');
  const names = await zipNames(zip);
  const files: ZippedFile[] = [];
  const problems: DatasetProblem[] = [];
  let inflated = 0;
  let refused: string | undefined; // not thrown here, since fflate would catch it

  const reader = new Unzip((entry) => {
    const { originalSize } = entry;
    const name = names.get(entry.name) ?? entry.name;
    const verdict = checkPath(name);
    if (verdict === 'ignored') return;
    if (verdict !== 'image') return void problems.push({ name, error: verdict.problem });
    if (originalSize !== undefined && originalSize > maxImageBytes) {
      problems.push({
        name,
        error: `inflates to ${originalSize} bytes, and an image may have ${maxImageBytes}. Left out.`,
      });
      return;
    }
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    let failed = false;
    const fail = (error: unknown) => {
      if (!failed)
        problems.push({ name, error: `cannot be inflated (${reasonOf(error)}). Left out.` });
      failed = true;
    };
    entry.ondata = (error, data, final) => {
      if (refused) return;
      if (error) return fail(error);
      size += data.length;
      inflated += data.length;
      if (size > Math.min(originalSize ?? maxImageBytes, maxImageBytes)) {
        const limit =
          originalSize === undefined
            ? `the ${maxImageBytes} bytes of an image`
            : `the ${originalSize} bytes that the zip states`;
        refused = `${name} must not inflate to more than ${limit}. Pass a zip of images only.`;
      } else if (inflated > maxZipBytes) {
        refused = `the zip must not inflate to more than ${maxZipBytes} bytes. Unzip it, and pass the folder.`;
      }
      if (refused) return;
      parts.push(data as Uint8Array<ArrayBuffer>);
      if (final && !failed)
        files.push({ path: name, image: new File(parts, name.split(/[\\/]/).at(-1)!) });
    };
    try {
      entry.start();
    } catch (error) {
      fail(error);
    }
  });
  reader.register(UnzipInflate);

  let loaded = 0;
  try {
    for (const stream = zip.stream().getReader(); ;) {
      const { done, value } = await stream.read();
      signal?.throwIfAborted();
      if (done) break;
      if (loaded === 0 && !SIGNATURES.some((bytes) => bytes.every((byte, i) => byte === value[i])))
        throw new Error('it does not start with the signature of a zip');
      for (let at = 0; at < value.length; at += CHUNK) {
        reader.push(value.subarray(at, at + CHUNK), false);
        if (refused) throw new OptionsError(`${where}: ${refused}`);
      }
      loaded += value.length;
      onBytes?.(loaded);
    }
    reader.push(new Uint8Array(0), true);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof OptionsError) throw error;
    throw new OptionsError(
      `${where}: must be a complete zip file (${reasonOf(error)}). Pass a folder's files, or a zip of them.`,
      {
        cause: error,
      },
    );
  }
  return { files, problems };
}
