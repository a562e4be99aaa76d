/** Cuts sheets of pictures into one lossless PNG per picture, for `alexnet evaluate`. */
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';

const USAGE = `node cut-sheets.mjs <folder of sheets> <folder to write> [--tile 64] [--last n]

  A sheet is <WordNet id>.jpg: square tiles without gaps, row by row, and black tiles at the end of
  the last row if it is short. Writes <WordNet id>/000.png, 001.png, …
  --tile  side of a tile in pixels
  --last  only the last n pictures of a sheet: train.py holds out 40 of 160 pixels, 20 of 80`;

const args = process.argv.slice(2);
const help = args.includes('--help');
const number = (name, fallback) => {
  const at = args.indexOf(name);
  return at < 0 ? fallback : Number(args.splice(at, 2)[1]);
};
const tile = number('--tile', 64);
const last = number('--last', Infinity);
if (help || args.length !== 2 || !(tile >= 1) || !(last >= 1)) {
  console.error(USAGE);
  process.exit(help ? 0 : 2);
}
const [from, to] = args;

const sheets = (await readdir(from)).filter((file) => file.endsWith('.jpg')).sort();
let count = 0;
for (const [index, sheet] of sheets.entries()) {
  const folder = join(to, basename(sheet, '.jpg'));
  await mkdir(folder, { recursive: true });
  const { data, info } = await sharp(join(from, sheet)).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [columns, rows] = [width / tile, height / tile];
  if (!Number.isInteger(columns) || !Number.isInteger(rows)) {
    throw new Error(`${sheet}: must be whole tiles of ${tile} pixels, got ${width} x ${height}.`);
  }
  const area = (i) => ({
    left: (i % columns) * tile,
    top: Math.floor(i / columns) * tile,
    width: tile,
    height: tile,
  });
  const cut = (i) => sharp(data, { raw: { width, height, channels } }).extract(area(i));
  let end = columns * rows;
  while (end > 0 && (await cut(end - 1).stats()).channels.every(({ mean }) => mean < 2)) end--;
  for (let i = Math.max(0, end - last); i < end; i++) {
    const file = join(folder, `${String(i).padStart(3, '0')}.png`);
    await cut(i).png({ compressionLevel: 3 }).toFile(file);
    count++;
  }
  process.stderr.write(`\r${count} pictures of ${index + 1} of ${sheets.length} classes`);
}
process.stderr.write('\n');
