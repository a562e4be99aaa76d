/** indexing: computes features and thumbnails of pictures that are not in the index yet. */
import type { Model } from 'alexnet-ts/worker';
import { canvasToBlob } from '../gallery/canvasToBlob';
import { pictureFromBlob } from '../gallery/picture';
import { quantize, type Features } from '../gallery/distance';
import type { PictureIndex } from './pictureIndex';

/** A picture to index. Its bytes are read when it is processed. */
export interface PictureSource {
  key: string;
  name: string;
  blob: () => Blob | Promise<Blob>;
}

export interface IndexingProgress {
  done: number;
  total: number;
  perSecond: number;
  secondsLeft: number;
}

export interface IndexingResult {
  added: number;
  /** Number of pictures that were indexed before. */
  existing: number;
  /** A message for each file that could not be read. */
  skipped: string[];
  canceled: boolean;
}

export interface IndexingOptions {
  model: Model;
  index: PictureIndex;
  signal: AbortSignal;
  onProgress: (progress: IndexingProgress) => void;
}

/** Shorter side of a thumbnail, in pixels: twice the size of a tile. */
const THUMBNAIL = 240;

export async function indexPictures(
  sources: readonly PictureSource[],
  { model, index, signal, onProgress }: IndexingOptions,
): Promise<IndexingResult> {
  const missing = sources.filter(({ key }) => !index.has(key));
  const result: IndexingResult = {
    added: 0,
    existing: sources.length - missing.length,
    skipped: [],
    canceled: false,
  };
  const weights = model.origin?.base.hash ?? model.name;
  const start = performance.now();
  for (const [done, { key, name, blob }] of missing.entries()) {
    if (signal.aborted) break;
    const perSecond = (1000 * done) / (performance.now() - start);
    onProgress({
      done,
      total: missing.length,
      perSecond,
      secondsLeft: (missing.length - done) / perSecond,
    });
    const entry = await extractFeatures(model, await blob(), name).catch((error: unknown) => {
      if (!(error instanceof UnreadableError)) throw error;
      result.skipped.push(error.message);
    });
    if (!entry) continue;
    await index.add({ key, name, weights, ...entry });
    result.added++;
  }
  return {
    ...result,
    canceled: signal.aborted && result.added + result.skipped.length < missing.length,
  };
}

/** A picture that cannot be read and is skipped. */
class UnreadableError extends Error {}

/** Returns the features and the thumbnail of a picture, decoding it once. */
export async function extractFeatures(
  model: Model,
  blob: Blob,
  name: string,
): Promise<{ features: Features; thumbnail: Blob }> {
  const rethrow = (error: unknown) => {
    throw new UnreadableError((error as Error).message, { cause: error });
  };
  const { url } = await pictureFromBlob(blob, name).catch(rethrow);
  URL.revokeObjectURL(url);
  const bitmap = await createImageBitmap(blob).catch(() =>
    rethrow(new Error(`${name} cannot be decoded: it is damaged or a vector drawing.`)),
  );
  try {
    const thumbnail = await thumbnailOf(bitmap);
    return { features: quantize(await model.embed(bitmap)), thumbnail };
  } finally {
    bitmap.close();
  }
}

function thumbnailOf(bitmap: ImageBitmap): Promise<Blob> {
  const scale = Math.min(1, THUMBNAIL / Math.min(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(scale * bitmap.width));
  canvas.height = Math.max(1, Math.round(scale * bitmap.height));
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvasToBlob(canvas);
}
