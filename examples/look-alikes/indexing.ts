/** indexing: pictures into features and thumbnails, one after the other, skipping what the index has. */
import type { RemoteModel } from 'alexnet-ts/worker';
import { encode } from '../gallery/encode';
import { pictureOf } from '../gallery/picture';
import { pack, type Features } from './distance';
import type { PictureIndex } from './pictureIndex';

/** A picture that may be indexed; its bytes are read when its turn comes. */
export interface Source {
  key: string;
  name: string;
  blob: () => Blob | Promise<Blob>;
}

export interface Pace {
  done: number;
  total: number;
  perSecond: number;
  secondsLeft: number;
}

export interface Outcome {
  added: number;
  /** Those that the index had already. */
  known: number;
  /** A sentence for each that could not be read. */
  leftOut: string[];
  cancelled: boolean;
}

export interface IndexingOptions {
  model: RemoteModel;
  index: PictureIndex;
  signal: AbortSignal;
  onPace: (pace: Pace) => void;
}

/** The shorter side of a thumbnail, in pixels: sharp at twice the size of a tile. */
const THUMBNAIL = 240;

export async function indexPictures(
  sources: readonly Source[],
  { model, index, signal, onPace }: IndexingOptions,
): Promise<Outcome> {
  const unknown = sources.filter(({ key }) => !index.has(key));
  const outcome: Outcome = {
    added: 0,
    known: sources.length - unknown.length,
    leftOut: [],
    cancelled: false,
  };
  const weights = model.origin?.base.hash ?? model.name;
  const start = performance.now();
  for (const [done, { key, name, blob }] of unknown.entries()) {
    if (signal.aborted) break;
    const perSecond = (1000 * done) / (performance.now() - start);
    onPace({
      done,
      total: unknown.length,
      perSecond,
      secondsLeft: (unknown.length - done) / perSecond,
    });
    const described = await describe(model, await blob(), name).catch((error: unknown) => {
      if (!(error instanceof UnreadableError)) throw error;
      outcome.leftOut.push(error.message);
    });
    if (!described) continue;
    await index.add({ key, name, weights, ...described });
    outcome.added++;
  }
  return {
    ...outcome,
    cancelled: signal.aborted && outcome.added + outcome.leftOut.length < unknown.length,
  };
}

/** A picture that is left out: the next one may be read all the same. */
class UnreadableError extends Error {}

/** The features of a picture, and its thumbnail. It is decoded once. */
export async function describe(
  model: RemoteModel,
  blob: Blob,
  name: string,
): Promise<{ features: Features; thumbnail: Blob }> {
  const unreadable = (error: unknown) => {
    throw new UnreadableError((error as Error).message, { cause: error });
  };
  const { url } = await pictureOf(blob, name).catch(unreadable);
  URL.revokeObjectURL(url);
  const bitmap = await createImageBitmap(blob).catch(() =>
    unreadable(new Error(`${name} is damaged, or a drawing: it cannot be decoded.`)),
  );
  try {
    const thumbnail = await thumbnailOf(bitmap);
    return { features: pack(await model.embed(bitmap)), thumbnail };
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
  return encode(canvas);
}
