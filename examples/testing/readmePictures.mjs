/** Makes the README's pictures of what the gallery's tests left in .screenshots: `node examples/testing/readmePictures.mjs`. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const shots = new URL('../../.screenshots/', import.meta.url);
const pictures = new URL('../gallery/pictures/', import.meta.url);

/** What is cut out of each, in pixels of a screen 1280 wide. */
const CUTS = { teach: 60, filters: 200, inside: 200 };

await mkdir(pictures, { recursive: true });
for (const [name, top] of Object.entries(CUTS)) {
  await sharp(fileURLToPath(new URL(`${name}-1280.png`, shots)))
    .extract({ left: 40, top, width: 1200, height: 1000 })
    .resize({ width: 900 })
    .webp({ quality: 80 })
    .toFile(fileURLToPath(new URL(`${name}.webp`, pictures)));
}
