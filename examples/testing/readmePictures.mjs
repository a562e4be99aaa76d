/** Creates the README's pictures from the screenshots of the gallery tests. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const shots = new URL('../../.screenshots/', import.meta.url);
const pictures = new URL('../gallery/pictures/', import.meta.url);

/** Upper edge of each cutout, in pixels of the 1280 pixel wide screenshots. */
const CUTOUTS = { teach: 60, filters: 200, inside: 200 };

await mkdir(pictures, { recursive: true });
for (const [name, top] of Object.entries(CUTOUTS)) {
  await sharp(fileURLToPath(new URL(`${name}-1280.png`, shots)))
    .extract({ left: 40, top, width: 1200, height: 1000 })
    .resize({ width: 900 })
    .webp({ quality: 80 })
    .toFile(fileURLToPath(new URL(`${name}.webp`, pictures)));
}
