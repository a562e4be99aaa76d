/** SourceImage: the central square of a picture in a worker, which cuts views out of it. */
import type { Preprocessing } from 'alexnet-ts';
import type { PrincipalColors, View } from 'alexnet-ts/training';
import { transfer, wrap } from 'comlink';
import type { Picture } from '../picture';
import type { CropsWorker } from './worker';

/** The central square of a picture, resized as for training. Its pixels stay in the worker. */
export interface SourceImage {
  picture: Picture;
  preprocessing: Preprocessing;
  /** Of this picture. */
  colors: PrincipalColors;
  /**
   * Returns the pixels of a view before the mean is subtracted.
   *
   * @param inputSize `preprocessing.crop` does not enlarge. @default preprocessing.inputSize
   */
  cut(view: View, inputSize?: number): Promise<ImageData>;
}

const worker = wrap<CropsWorker>(
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);

/**
 * Decodes and resizes a picture.
 *
 * @throws ImageError if it cannot be decoded.
 */
export async function sourceImageOf(
  picture: Picture,
  preprocessing: Preprocessing,
): Promise<SourceImage> {
  const square = await worker.centralSquareOf(await decodable(picture), preprocessing);
  return {
    picture,
    preprocessing,
    colors: await square.colors,
    cut: (view, inputSize = preprocessing.inputSize) => square.cut(view, inputSize),
  };
}

/** Workers cannot decode SVG, so the page does. */
async function decodable({ blob, url }: Picture): Promise<Blob | ImageBitmap> {
  if (!blob.type.startsWith('image/svg')) return blob;
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const bitmap = await createImageBitmap(image);
  return transfer(bitmap, [bitmap]);
}

/** The last view that was requested for a canvas. */
const requests = new WeakMap<HTMLCanvasElement, View>();

/** Draws a view at the size of the network input, unless another one is requested meanwhile. */
export async function drawOnto(
  canvas: HTMLCanvasElement,
  source: SourceImage,
  view: View,
): Promise<void> {
  requests.set(canvas, view);
  const side = source.preprocessing.inputSize;
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const image = await source.cut(view);
  if (requests.get(canvas) === view) canvas.getContext('2d')!.putImageData(image, 0, 0);
}

const signed = (level: number) =>
  Math.abs(level) < 0.05 ? '0' : `${level < 0 ? '−' : '+'}${Math.abs(level).toFixed(1)}`;

/** `red +2.1, green +1.9, blue −0.4`, which wraps only after commas. */
export const formatShift = ([red, green, blue]: View['shift']): string =>
  `red\u00a0${signed(red)}, green\u00a0${signed(green)}, blue\u00a0${signed(blue)}`;
