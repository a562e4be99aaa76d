/**
 * Images in Node, with the built package: every form, every file format, and the errors for those
 * that cannot be read.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ImageError, create, type ImageInput, type Model } from 'alexnet-ts';
import { dense, flatten, sequential } from 'alexnet-ts/layers';
import sharp from 'sharp';
import { BLUE, GREEN, RED, YELLOW, flat, quarters, type RGB } from '../../test/support/files';

let folder: string;
let server: Server;
let site: string;
let model: Model;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-pictures-'));
  server = createServer((request, response) => {
    if (request.url !== '/a.png') return response.writeHead(404).end();
    void quarters()
      .png()
      .toBuffer()
      .then((bytes) => response.writeHead(200, { 'content-type': 'image/png' }).end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // the shorter side, 32 pixels, is not resized: the views are the pixels of the central square
  model = await create(
    sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [32, 32, 3] }),
    {
      backend: 'cpu',
      preprocessing: { resize: 32, crop: 32, inputSize: 32, mean: [0, 0, 0] },
    },
  );
});
after(async () => {
  model.dispose();
  server.close();
  await rm(folder, { recursive: true });
});

/** The checksum of a PNG chunk's type and data. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The pixels in the middle of each quarter of the central square. */
async function seen(image: ImageInput): Promise<number[][]> {
  const { data } = await model.preprocess(image);
  return [
    [8, 8],
    [24, 8],
    [8, 24],
    [24, 24],
  ].map(([x, y]) => Array.from(data.slice((y! * 32 + x!) * 3, (y! * 32 + x!) * 3 + 3)));
}

async function expectSeen(
  image: ImageInput,
  colors: readonly RGB[] = [RED, GREEN, BLUE, YELLOW],
  tolerance = 0.001,
): Promise<void> {
  const pixels = await seen(image);
  pixels.forEach((pixel, i) => {
    const far = Math.max(...pixel.map((value, c) => Math.abs(value - colors[i]![c]!)));
    assert.ok(
      far <= tolerance,
      `quarter ${i}: ${pixel.join(' ')}, ${colors[i]!.join(' ')} expected`,
    );
  });
}

describe('a picture in Node', () => {
  it('is a path, absolute or relative, with blanks and umlauts', async () => {
    const path = join(folder, 'größe #1 %20.png');
    await quarters().png().toFile(path);
    await expectSeen(path);
    await expectSeen(relative(process.cwd(), path));
    await expectSeen(pathToFileURL(path));
    await expectSeen(pathToFileURL(path).href);
  });

  it('is a Buffer, a Uint8Array, an ArrayBuffer, a Blob or a File', async () => {
    const buffer = await quarters().png().toBuffer();
    const bytes = new Uint8Array(buffer);
    for (const image of [
      buffer,
      bytes,
      bytes.buffer,
      new Blob([bytes]),
      new File([bytes], 'a.png'),
    ])
      await expectSeen(image);
    await expectSeen(Buffer.concat([Buffer.alloc(7), buffer]).subarray(7));
  });

  it('is a data: or an http: URL', async () => {
    await expectSeen(
      `data:image/png;base64,${(await quarters().png().toBuffer()).toString('base64')}`,
    );
    await expectSeen(`${site}/a.png`);
    await expectSeen(new URL(`${site}/a.png`));
  });

  it("is another library's ImageData", async () => {
    const { data, info } = await quarters()
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    await expectSeen({
      width: info.width,
      height: info.height,
      data: new Uint8ClampedArray(data),
    } as unknown as ImageData);
  });
});

describe('an image file in Node', () => {
  const formats = {
    JPEG: [() => quarters().jpeg({ quality: 95 }), 4],
    'progressive JPEG': [() => quarters().jpeg({ quality: 95, progressive: true }), 4],
    WebP: [() => quarters().webp({ quality: 95 }), 8],
    AVIF: [() => quarters().avif({ quality: 90 }), 12],
    TIFF: [() => quarters().tiff({ compression: 'lzw' }), 0.001],
    GIF: [() => quarters().gif(), 4],
    'PNG with a palette': [() => quarters().png({ palette: true }), 4],
    'PNG of 16 bits': [() => quarters().toColourspace('rgb16').png(), 0.001],
  } as const;
  for (const [name, [make, tolerance]] of Object.entries(formats)) {
    it(`can be ${name}`, async () => expectSeen(await make().toBuffer(), undefined, tolerance));
  }

  it('can be an SVG', () =>
    expectSeen(
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="32"><rect width="24" height="16" fill="#f00"/><rect x="24" width="24" height="16" fill="#0f0"/><rect y="16" width="24" height="16" fill="#00f"/><rect x="24" y="16" width="24" height="16" fill="#ff0"/></svg>',
      ),
    ));

  it('can be an SVG of any size or none, larger than an icon', async () => {
    const { toPixels } = await import('alexnet-ts/training');
    const svg = (attributes: string) =>
      toPixels(
        Buffer.from(
          `<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><rect width="300" height="300" fill="#f00"/></svg>`,
        ),
      );
    const size = async (attributes: string) => {
      const { width, height, data } = await svg(attributes);
      assert.deepEqual(Array.from(data.slice(0, 4)), [255, 0, 0, 255]);
      return [width, height];
    };
    assert.deepEqual(await size(''), [512, 256]);
    assert.deepEqual(await size('viewBox="0 0 30 20"'), [384, 256]);
    assert.deepEqual(await size('width="100%" height="100%" viewBox="0 0 20 30"'), [256, 384]);
    assert.deepEqual(await size('width="16" height="16px"'), [256, 256]);
    assert.deepEqual(await size("width='8in' viewBox='0 0 2 1'"), [768, 384]);
    assert.deepEqual(await size('width="9000" height="9000"'), [4096, 4096]);
  });

  it('can have a bad start-of-scan segment, as some phones write', async () => {
    const jpeg = await quarters().jpeg({ quality: 95 }).toBuffer();
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    jpeg[scan + 2 + jpeg.readUInt16BE(scan + 2) - 2] = 0; // the last coefficient must be 63
    await expectSeen(jpeg, undefined, 4);
  });

  it('can have a gamma of 1, as browsers show it', async () => {
    const [r, g, b] = [188, 137, 255]; // sRGB of 0.5, 0.25 and 1
    const png = await flat([128, 64, 255], 32).png().toBuffer();
    const gamma = Buffer.from('\0\0\0\x04gAMA\0\x01\x86\xa0\0\0\0\0', 'latin1');
    gamma.writeUInt32BE(crc32(gamma.subarray(4, 12)), 12);
    const file = Buffer.concat([png.subarray(0, 33), gamma, png.subarray(33)]);
    await expectSeen(
      file,
      Array.from({ length: 4 }, () => [r!, g!, b!] as const),
      1,
    );
  });

  it('can have more than 16 million pixels, and is reduced', async () => {
    const { toPixels } = await import('alexnet-ts/training');
    const { width, height } = await toPixels(await flat(RED, 5000).png().toBuffer());
    assert.deepEqual([width, height], [4096, 4096]);
  });

  it('can be a JPEG for print, in CMYK', async () => {
    const colors: RGB[] = [
      [200, 60, 60],
      [60, 160, 60],
      [60, 60, 160],
      [128, 128, 128],
    ];
    const cmyk = await quarters(colors).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    assert.equal((await sharp(cmyk).metadata()).space, 'cmyk');
    await expectSeen(cmyk, colors, 25); // converted through two color profiles and back
  });

  it('can be gray, of 8 or 16 bits', async () => {
    const grays: RGB[] = [0, 100, 200, 255].map((value) => [value, value, value] as const);
    await expectSeen(await quarters(grays).toColourspace('b-w').png().toBuffer(), grays);
    const deep = await quarters(grays).toColourspace('grey16').png().toBuffer();
    assert.equal((await sharp(deep).metadata()).space, 'grey16');
    await expectSeen(deep, grays, 1);
  });

  it('can be transparent, which becomes white', async () => {
    const white: RGB = [255, 255, 255];
    const mask = await quarters([
      [255, 255, 255],
      [0, 0, 0],
      [0, 0, 0],
      [255, 255, 255],
    ])
      .extractChannel(0)
      .raw()
      .toBuffer();
    const raw = { raw: { width: 48, height: 32, channels: 1 } } as const;
    await expectSeen(await quarters().joinChannel(mask, raw).png().toBuffer(), [
      RED,
      white,
      white,
      YELLOW,
    ]);
    const grays = await quarters([0, 100, 200, 50].map((value) => [value, value, value] as const))
      .extractChannel(0)
      .raw()
      .toBuffer();
    const grayAlpha = await sharp(grays, raw)
      .joinChannel(mask, raw)
      .toColourspace('b-w')
      .png()
      .toBuffer();
    assert.equal((await sharp(grayAlpha).metadata()).channels, 2);
    await expectSeen(grayAlpha, [[0, 0, 0], white, white, [50, 50, 50]]);
  });

  it('is decoded to its first frame if it is animated', async () => {
    const frames = [
      await quarters().png().toBuffer(),
      await quarters([BLUE, BLUE, BLUE, BLUE]).png().toBuffer(),
    ];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    assert.equal((await sharp(gif).metadata()).pages, 2);
    await expectSeen(gif, undefined, 4);
  });

  it('is rotated by its EXIF orientation', async () => {
    const letters = { R: RED, G: GREEN, B: BLUE, Y: YELLOW };
    for (const [i, order] of [
      'RGBY',
      'GRYB',
      'YBGR',
      'BYRG',
      'RBGY',
      'BRYG',
      'YGBR',
      'GYRB',
    ].entries()) {
      const jpeg = await quarters()
        .withMetadata({ orientation: i + 1 })
        .jpeg({ quality: 95 })
        .toBuffer();
      assert.equal((await sharp(jpeg).metadata()).orientation, i + 1);
      await expectSeen(
        jpeg,
        [...order].map((letter) => letters[letter as 'R']),
        4,
      );
    }
  });
});

describe('an image in Node that cannot be read', () => {
  const refused = (image: unknown, message: string | RegExp) =>
    assert.rejects(model.classify(image as ImageInput), (error: unknown) => {
      assert.ok(error instanceof ImageError, String(error));
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
  const UNKNOWN =
    'must be an image, got bytes in no known format of images. Convert it to JPEG, PNG or WebP.';

  it('because it does not exist, or is a folder', async () => {
    await refused(
      '/none/such.png',
      '/none/such.png: cannot be read (no such file). Check the path.',
    );
    await refused(
      'file:///none/such.png',
      'file:///none/such.png: cannot be read (no such file). Check the path.',
    );
    await refused(folder, `${folder}: cannot be read (it is a folder). Check the path.`);
    await refused('', ': cannot be read (no such file). Check the path.');
  });

  it('because the server does not have it, or does not respond', async () => {
    await refused(
      `${site}/b.png`,
      `${site}/b.png: the server returned 404 Not Found. Check the URL.`,
    );
    await refused(
      'http://127.0.0.1:9/a.png',
      /^http:\/\/127\.0\.0\.1:9\/a\.png: cannot be fetched \((?!fetch failed).+\)\. Check the URL\.$/,
    );
  });

  it('because it is text, empty or truncated', async () => {
    const path = join(folder, 'diary.txt');
    await writeFile(path, 'Dear diary');
    await refused(path, `${path}: ${UNKNOWN}`);
    await refused(Buffer.from('Dear diary'), `image: ${UNKNOWN}`);
    await writeFile(path, '');
    await refused(path, `${path}: must have at least one byte, got an empty file.`);
    const jpeg = await quarters().resize(400, 300).jpeg().toBuffer();
    for (const length of [jpeg.length >> 1, jpeg.length - 2])
      await refused(
        jpeg.subarray(0, length),
        'image: the JPEG is truncated: its end is missing. Copy or download the file again.',
      );
  });

  it('because Node does not support its format', async () => {
    for (const [start, format] of [
      ['BM', 'BMP'],
      ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'HEIC'],
      ['\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL'],
    ])
      await refused(
        Buffer.from(start!.padEnd(64, '\0'), 'latin1'),
        `image: ${format} is not supported in Node. Convert it to JPEG, PNG or WebP.`,
      );
  });

  it('because it claims more pixels than can be decoded', async () => {
    const png = await flat(RED, 8).png().toBuffer();
    const huge = Buffer.from(png);
    huge.writeUInt32BE(40_000, 16);
    huge.writeUInt32BE(30_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    await refused(
      huge,
      'image: this PNG cannot be decoded in Node (it has 40000 × 30000 pixels, and the limit is 400 million). Open it in an image editor and save it again.',
    );
  });

  it('because it is not an image', async () => {
    await refused(7, /^image: must be an <img>, .+, got 7\.$/);
    await refused(null, /, got null\.$/);
    await refused({ width: 3 }, /, got an object with width\.$/);
    await refused(
      [await readFile('examples/images/orange.jpg'), undefined],
      /^image 1: image: must be .+, got undefined\.$/,
    );
  });
});
