/** Square: what views are cut out of, and a view as a picture. */
import type { Preprocessing } from 'alexnet-ts';
import { cutView, type PrincipalColours, type View } from 'alexnet-ts/training';
import { transfer, wrap } from 'comlink';
import type { Picture } from '../gallery/picture';
import type { SquareWorker } from './worker';

/** The central square of a picture, as small as training makes it. */
export interface Square {
  picture: Picture;
  preprocessing: Preprocessing;
  /** `[resize, resize, 3]` flat, 0..255. */
  levels: Float32Array;
  /** Of this picture alone. */
  colours: PrincipalColours;
}

const worker = wrap<SquareWorker>(
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);

/** @throws ImageError for what cannot be decoded. */
export async function squareOf(picture: Picture, preprocessing: Preprocessing): Promise<Square> {
  return {
    picture,
    preprocessing,
    ...(await worker.squareOf(await decodable(picture), preprocessing)),
  };
}

/** Workers read no SVG: the page makes it pixels. */
async function decodable({ blob, url }: Picture): Promise<Blob | ImageBitmap> {
  if (!blob.type.startsWith('image/svg')) return blob;
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const bitmap = await createImageBitmap(image);
  return transfer(bitmap, [bitmap]);
}

/** The pixels of a view before the mean is subtracted; with `inputSize: crop` not enlarged. */
export function pixelsOf(
  { levels, preprocessing }: Square,
  view: View,
  inputSize = preprocessing.inputSize,
): ImageData {
  const rgb = cutView(levels, view, {
    ...preprocessing,
    inputSize,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
  const image = new ImageData(inputSize, inputSize);
  for (let pixel = 0; pixel < inputSize ** 2; pixel++) {
    image.data.set([rgb[3 * pixel]!, rgb[3 * pixel + 1]!, rgb[3 * pixel + 2]!, 255], 4 * pixel);
  }
  return image;
}

/** Draws a view as the network sees it. */
export function drawInto(canvas: HTMLCanvasElement, square: Square, view: View): void {
  const image = pixelsOf(square, view);
  if (canvas.width !== image.width)
    Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

const signed = (level: number) =>
  Math.abs(level) < 0.05 ? '0' : `${level < 0 ? '−' : '+'}${Math.abs(level).toFixed(1)}`;

/** A shift in words: `red +2.1, green +1.9, blue −0.4`, broken at its commas only. */
export const shiftInWords = ([red, green, blue]: View['shift']): string =>
  `red\u00a0${signed(red)}, green\u00a0${signed(green)}, blue\u00a0${signed(blue)}`;
