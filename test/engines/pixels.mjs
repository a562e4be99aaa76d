/** Pictures for all engines: the same pixels, so that results differ by arithmetic alone. */
import sharp from 'sharp';
import { fileURLToPath } from 'node:url';

const image = (name) =>
  fileURLToPath(new URL(`../../examples/images/${name}.jpg`, import.meta.url));

export const SAMPLES = ['obelisk', 'school-bus', 'jellyfish'];

/** The middle of a sample, 96 × 96 RGBA, as an ImageData without its class. */
export async function samplePixels(name) {
  const { data, info } = await sharp(image(name))
    .resize(96, 96, { fit: 'cover' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: [...data], width: info.width, height: info.height };
}
