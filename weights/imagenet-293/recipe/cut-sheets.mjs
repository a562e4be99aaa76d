/** Cuts the sheets of Tiny ImageNet pictures apart: a folder for each class, a lossless PNG for each picture, as `alexnet evaluate` wants them. */
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';

const USAGE = `node cut-sheets.mjs <folder of sheets> <folder to write> [--tile 64]

  A sheet is <WordNet id>.jpg: tiles without gaps, row by row. Writes <WordNet id>/000.png, 001.png, …`;

const args = process.argv.slice(2);
const option = args.indexOf('--tile');
const tile = option < 0 ? 64 : Number(args.splice(option, 2)[1]);
if (args.length !== 2 || args.includes('--help') || !(tile >= 1)) {
  console.error(USAGE);
  process.exit(args.includes('--help') ? 0 : 2);
}
const [from, to] = args;

const sheets = (await readdir(from)).filter((file) => file.endsWith('.jpg')).sort();
let count = 0;
for (const sheet of sheets) {
  const folder = join(to, basename(sheet, '.jpg'));
  await mkdir(folder, { recursive: true });
  const { data, info } = await sharp(join(from, sheet)).raw().toBuffer({ resolveWithObject: true });
  const columns = info.width / tile;
  const rows = info.height / tile;
  if (!Number.isInteger(columns) || !Number.isInteger(rows)) {
    throw new Error(
      `${sheet}: a sheet is whole tiles of ${tile} pixels, got ${info.width} x ${info.height}.`,
    );
  }
  for (let i = 0; i < columns * rows; i++) {
    const place = {
      left: (i % columns) * tile,
      top: Math.floor(i / columns) * tile,
      width: tile,
      height: tile,
    };
    await sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
      .extract(place)
      .png({ compressionLevel: 3 })
      .toFile(join(folder, `${String(i).padStart(3, '0')}.png`));
    count++;
  }
  process.stderr.write(
    `\r${count} pictures of ${sheets.indexOf(sheet) + 1} of ${sheets.length} classes`,
  );
}
process.stderr.write('\n');
