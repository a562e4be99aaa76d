/** What a picture that may change shows at this moment. */
import { toPixels, type ImageInput } from './image';
import { is } from './imageKinds';

/** Pixels of their own for a canvas, video or VideoFrame, which show something else later; any other image as it is. */
export async function frozen(image: ImageInput): Promise<ImageInput> {
  if (!is(image, 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement', 'VideoFrame'))
    return image;
  const { width, height, data } = await toPixels(image);
  return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
}
