/** SourceImage: the resized central square of a picture, and views cut out of it. */
import type { Preprocessing } from 'alexnet-ts';
import { cutView, type PrincipalColors, type View } from 'alexnet-ts/training';
import { transfer, wrap } from 'comlink';
import type { Picture } from '../picture';
import type { SourceImageWorker } from './worker';

/** The central square of a picture, resized as for training. */
export interface SourceImage {
  picture: Picture;
  preprocessing: Preprocessing;
  /** `[resize, resize, 3]` flat, 0 to 255. */
  pixels: Float32Array;
  /** Of this picture. */
  colors: PrincipalColors;
}

const worker = wrap<SourceImageWorker>(
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
  return {
    picture,
    preprocessing,
    ...(await worker.sourceImageOf(await decodable(picture), preprocessing)),
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

/**
 * Returns the pixels of a view before the mean is subtracted. `inputSize: crop` does not enlarge.
 */
export function pixelsOf(
  { pixels, preprocessing }: SourceImage,
  view: View,
  inputSize = preprocessing.inputSize,
): ImageData {
  const rgb = cutView(pixels, view, {
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

/** Draws a view at the size of the network input. */
export function drawOnto(canvas: HTMLCanvasElement, source: SourceImage, view: View): void {
  const image = pixelsOf(source, view);
  if (canvas.width !== image.width)
    Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

const signed = (level: number) =>
  Math.abs(level) < 0.05 ? '0' : `${level < 0 ? '−' : '+'}${Math.abs(level).toFixed(1)}`;

/** `red +2.1, green +1.9, blue −0.4`, which wraps only after commas. */
export const formatShift = ([red, green, blue]: View['shift']): string =>
  `red\u00a0${signed(red)}, green\u00a0${signed(green)}, blue\u00a0${signed(blue)}`;
