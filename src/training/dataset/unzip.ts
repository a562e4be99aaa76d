/** The pictures in a zip file, with bounds on what it may inflate to. */
import { OptionsError, reasonOf } from '../../errors';
import { readable, type PlacedFile } from './classFolders';
import type { DatasetProblem } from './dataset';

/** Bytes of one picture's file, inflated: no photograph has more. */
export const MAX_PICTURE_BYTES = 64 * 1024 * 1024;
/** Bytes of all of them: they are held in memory. */
export const MAX_ZIP_BYTES = 1024 * 1024 * 1024;
/** Packed bytes that are inflated in one go. A byte can become a thousand, so this bounds what is there before it is counted. */
const AT_ONCE = 16 * 1024;

export interface UnzipOptions {
  signal?: AbortSignal | undefined;
  /** Told the packed bytes that were read. */
  onBytes?: ((loaded: number) => void) | undefined;
  /** For tests. @default 64 MiB */
  maxPictureBytes?: number | undefined;
  /** For tests. @default 1 GiB */
  maxZipBytes?: number | undefined;
}

/** A picture's file from a zip. */
export interface ZippedFile extends PlacedFile {
  image: Blob;
}

/**
 * Inflates the pictures of a zip, one part after the other. Files that cannot be read are reported; anything but pictures is
 * passed over.
 *
 * @throws OptionsError for what is no zip or is cut short, and for a zip that inflates to more than it says or than is bearable.
 */
export async function unzip(
  zip: Blob,
  where: string,
  {
    signal,
    onBytes,
    maxPictureBytes = MAX_PICTURE_BYTES,
    maxZipBytes = MAX_ZIP_BYTES,
  }: UnzipOptions = {},
): Promise<{ files: ZippedFile[]; problems: DatasetProblem[] }> {
  const { Unzip, UnzipInflate } = await import('fflate');
  const files: ZippedFile[] = [];
  const problems: DatasetProblem[] = [];
  let inflated = 0;
  let refused: string | undefined; // noted, since fflate takes what is thrown here for an error of its own

  const reader = new Unzip((entry) => {
    const { name, originalSize } = entry;
    const verdict = readable(name);
    if (verdict === false) return;
    if (verdict !== true) return void problems.push({ name, error: verdict });
    if (originalSize !== undefined && originalSize > maxPictureBytes) {
      problems.push({
        name,
        error: `inflates to ${originalSize} bytes, and a picture has at most ${maxPictureBytes}. Left out.`,
      });
      return;
    }
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    let failed = false;
    const fail = (error: unknown) => {
      if (!failed)
        problems.push({ name, error: `cannot be unpacked (${reasonOf(error)}). Left out.` });
      failed = true;
    };
    entry.ondata = (error, data, final) => {
      if (refused) return;
      if (error) return fail(error);
      size += data.length;
      inflated += data.length;
      if (size > Math.min(originalSize ?? maxPictureBytes, maxPictureBytes)) {
        const said =
          originalSize === undefined
            ? `the ${maxPictureBytes} bytes of a picture`
            : `the ${originalSize} bytes that it says`;
        refused = `${name} inflates to more than ${said}. Pass a zip of pictures only.`;
      } else if (inflated > maxZipBytes) {
        refused = `it inflates to more than ${maxZipBytes} bytes. Unpack it yourself, and pass the folder.`;
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
      if (loaded === 0 && !(value[0] === 0x50 && value[1] === 0x4b))
        throw new Error('it does not begin as one');
      for (let at = 0; at < value.length; at += AT_ONCE) {
        reader.push(value.subarray(at, at + AT_ONCE), false);
        if (refused) throw new OptionsError(`${where}: refused, because ${refused}`);
      }
      loaded += value.length;
      onBytes?.(loaded);
    }
    reader.push(new Uint8Array(0), true);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof OptionsError) throw error;
    throw new OptionsError(
      `${where}: is no whole zip file (${reasonOf(error)}). Pass a folder's files, or a zip of them.`,
      {
        cause: error,
      },
    );
  }
  return { files, problems };
}
