/**
 * sampleThumbnails: a rollup plugin; `virtual:sample-thumbnails` exports a small copy of each picture
 * in examples/images, by its file name, for the buttons that choose it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Buttons show 64 CSS pixels; phones have two or three device pixels for each. */
const SIZE = 128;

export const sampleThumbnails = (root) => ({
  name: 'sample-thumbnails',
  resolveId: (source) => (source === 'virtual:sample-thumbnails' ? '\0sample-thumbnails' : null),
  async load(id) {
    if (id !== '\0sample-thumbnails') return null;
    const folder = join(root, 'examples/images');
    const files = readdirSync(folder).filter((file) => file.endsWith('.jpg'));
    const entries = await Promise.all(
      files.map(async (file) => {
        const source = await sharp(join(folder, file)).resize(SIZE, SIZE).webp().toBuffer();
        const name = file.replace('.jpg', '.webp');
        const reference = this.emitFile({ type: 'asset', name: `small-${name}`, source });
        return `${JSON.stringify(file)}: import.meta.ROLLUP_FILE_URL_${reference}`;
      }),
    );
    return `export const thumbnails = { ${entries} };`;
  },
});
