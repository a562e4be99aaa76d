/** slideShow: pictures one after the other, slowly moving, as the stream of a camera that a visitor without one can look through. */
import type { Camera } from '../gallery/camera';

export interface SlideShowOptions {
  /** How long each picture is shown, in milliseconds. @default 4000 */
  each?: number;
  /** Told which picture comes. */
  onPicture?: (name: string) => void;
}

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES_A_SECOND = 15;

/** Plays in `video` until it is stopped. */
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
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const begun = performance.now();
  let shown = -1;
  const draw = () => {
    const slide = (performance.now() - begun) / each;
    const at = Math.floor(slide) % images.length;
    if (at !== shown) onPicture(pictures[(shown = at)]!.name);
    const { naturalWidth: width, naturalHeight: height } = images[at]!;
    const scale = Math.max(WIDTH / width, HEIGHT / height) * (still ? 1 : 1 + 0.08 * (slide % 1));
    context.drawImage(
      images[at]!,
      (WIDTH - scale * width) / 2,
      (HEIGHT - scale * height) / 2,
      scale * width,
      scale * height,
    );
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES_A_SECOND);
  const stream = canvas.captureStream(FRAMES_A_SECOND);
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
