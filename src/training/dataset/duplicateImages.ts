/** Removes encoded images that occur twice, by their bytes. */
import type { ImageInput } from '../../preprocessing/imageInput';
import { isKind } from '../../preprocessing/imageInput';
import { sha256 } from '../../platform/sha256';
import type { DatasetProblem, Example } from './dataset';

/** An image's file. */
interface EncodedImage {
  size: number;
  bytes: () => Promise<Uint8Array>;
}

/** Returns an image's file, or undefined for images without one, such as a canvas. */
function encodedImage(image: ImageInput): EncodedImage | undefined {
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
 * Returns the examples whose bytes no earlier example has. Only files of the same size are read and
 * hashed. Each duplicate is listed in `problems`, with a note if the two have different labels.
 */
export async function withoutDuplicates(
  examples: readonly Example[],
  classes: readonly string[],
  signal?: AbortSignal,
  encoded: (image: ImageInput) => EncodedImage | undefined = encodedImage,
): Promise<{ kept: Example[]; problems: DatasetProblem[] }> {
  const sizes = examples.map(({ image }) => encoded(image)?.size ?? 0);
  const countBySize = new Map<number, number>();
  for (const size of sizes) countBySize.set(size, (countBySize.get(size) ?? 0) + 1);
  const first = new Map<string, Example>();
  const kept: Example[] = [];
  const problems: DatasetProblem[] = [];
  for (const [i, example] of examples.entries()) {
    signal?.throwIfAborted();
    if (sizes[i] && countBySize.get(sizes[i])! > 1) {
      const bytes = await encoded(example.image)!
        .bytes()
        .catch(() => undefined); // decoding reports a missing file
      const hash = bytes && (await sha256(bytes));
      const earlier = hash === undefined ? undefined : first.get(hash);
      if (earlier) {
        const name = example.name ?? `image ${i}`;
        const other =
          earlier.label === example.label
            ? ''
            : ` of the class "${classes[earlier.label]}", so one of the two labels is wrong`;
        problems.push({
          name,
          error: `has the same bytes as ${earlier.name ?? 'an earlier image'}${other}. Left out.`,
        });
        continue;
      }
      if (hash !== undefined) first.set(hash, example);
    }
    kept.push(example);
  }
  return { kept, problems };
}
