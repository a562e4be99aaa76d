/** cameraVideo: pictures as a video that Chromium plays as its fake camera: JPEG files one after the other, all of one size. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const WIDTH = 640;
const HEIGHT = 480;

/** Frames of each picture in a row: a second and more, at the fake camera's rate. */
const FRAMES = 30;

/** The path of a temporary .mjpeg in which each picture is shown for a while, again and again: for `--use-file-for-fake-video-capture`. */
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
