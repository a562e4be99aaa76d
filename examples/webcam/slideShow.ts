/** slideShow: plays the sample pictures as a camera stream, for visitors without a camera. */
import type { Camera } from '../gallery/camera';

export interface SlideShowOptions {
  /** How long each picture is shown, in milliseconds. @default 4000 */
  each?: number;
  /** Called with the name of each picture as it appears. */
  onPicture?: (name: string) => void;
}

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES_PER_SECOND = 15;

/** Plays in `video` until `stop()`. */
export async function slideShow(
  video: HTMLVideoElement,
  pictures: readonly { name: string; url: string }[],
  { each = 4000, onPicture = () => {} }: SlideShowOptions = {},
): Promise<Camera> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d')!;
  const images = await Promise.all(
    pictures.map(async ({ url }) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      return image;
    }),
  );
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const begin = performance.now();
  let shown = -1;
  const draw = () => {
    const slide = (performance.now() - begin) / each;
    const at = Math.floor(slide) % images.length;
    if (at !== shown) onPicture(pictures[(shown = at)]!.name);
    const { naturalWidth: width, naturalHeight: height } = images[at]!;
    const scale =
      Math.max(WIDTH / width, HEIGHT / height) * (reducedMotion ? 1 : 1 + 0.08 * (slide % 1));
    context.drawImage(
      images[at]!,
      (WIDTH - scale * width) / 2,
      (HEIGHT - scale * height) / 2,
      scale * width,
      scale * height,
    );
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  const stream = canvas.captureStream(FRAMES_PER_SECOND);
  const track = stream.getVideoTracks()[0]!;
  const stop = () => {
    clearInterval(timer);
    track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    stop();
    throw error;
  }
  return { track, stop };
}
