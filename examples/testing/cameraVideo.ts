/** cameraVideo: creates an MJPEG video of pictures for Chromium's fake camera. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const WIDTH = 640;
const HEIGHT = 480;

/** Frames per picture: more than a second at the rate of the fake camera. */
const FRAMES = 30;

/** Returns the path of a temporary video for `--use-file-for-fake-video-capture`. */
export async function cameraVideo(images: string[]): Promise<string> {
  const frames = await Promise.all(
    images.map((image) =>
      sharp(image)
        .resize(WIDTH, HEIGHT, { fit: 'cover' })
        .jpeg({ quality: 92, chromaSubsampling: '4:2:0' })
        .toBuffer(),
    ),
  );
  const file = join(await mkdtemp(join(tmpdir(), 'camera-')), 'camera.mjpeg');
  await writeFile(
    file,
    Buffer.concat(frames.flatMap((frame) => Array.from({ length: FRAMES }, () => frame))),
  );
  return file;
}
