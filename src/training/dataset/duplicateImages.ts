/** Encoded pictures that are there twice, told by their bytes. */
import type { ImageInput } from '../../preprocessing/imageInput';
import { isKind } from '../../preprocessing/imageInput';
import { sha256 } from '../../platform/sha256';
import type { DatasetProblem, Example } from './dataset';

/** A picture's file. */
interface EncodedPicture {
  size: number;
  bytes: () => Promise<Uint8Array>;
}

/** The file of a picture that is one; undefined for images that have none, as a canvas. */
function encodedPicture(image: ImageInput): EncodedPicture | undefined {
  if (isKind<Blob>(image, 'Blob', 'File'))
    return { size: image.size, bytes: async () => new Uint8Array(await image.arrayBuffer()) };
  if (isKind<ArrayBuffer>(image, 'ArrayBuffer'))
    return { size: image.byteLength, bytes: async () => new Uint8Array(image) };
  if (!ArrayBuffer.isView(image)) return undefined;
  return {
    size: image.byteLength,
    bytes: async () => new Uint8Array(image.buffer, image.byteOffset, image.byteLength),
  };
}

/**
 * The examples whose bytes no earlier example has. Only pictures of equally many bytes are read and hashed. Each copy gives a
 * sentence, which says so when the two have different labels: one of them is wrong.
 */
export async function withoutDuplicates(
  examples: readonly Example[],
  classes: readonly string[],
  signal?: AbortSignal,
  encoded: (image: ImageInput) => EncodedPicture | undefined = encodedPicture,
): Promise<{ kept: Example[]; problems: DatasetProblem[] }> {
  const sizes = examples.map(({ image }) => encoded(image)?.size ?? 0);
  const alike = new Map<number, number>();
  for (const size of sizes) alike.set(size, (alike.get(size) ?? 0) + 1);
  const first = new Map<string, Example>();
  const kept: Example[] = [];
  const problems: DatasetProblem[] = [];
  for (const [i, example] of examples.entries()) {
    signal?.throwIfAborted();
    if (sizes[i] && alike.get(sizes[i])! > 1) {
      const bytes = await encoded(example.image)!
        .bytes()
        .catch(() => undefined); // a file that is gone shows when it is decoded
      const hash = bytes && (await sha256(bytes));
      const earlier = hash === undefined ? undefined : first.get(hash);
      if (earlier) {
        const name = example.name ?? `picture ${i}`;
        const other =
          earlier.label === example.label
            ? ''
            : ` of the class "${classes[earlier.label]}", so one of the two labels is wrong`;
        problems.push({
          name,
          error: `has the same bytes as ${earlier.name ?? 'an earlier picture'}${other}. Left out.`,
        });
        continue;
      }
      if (hash !== undefined) first.set(hash, example);
    }
    kept.push(example);
  }
  return { kept, problems };
}
