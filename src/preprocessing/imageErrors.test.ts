/**
 * The errors of toPixels for values that are not images, cannot be decoded, or must not be read.
 */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import { ImageError } from '../errors';
import { bytesOf, encoded, quadrants } from '../../test/support/quadrants';
import { toPixels } from './image';
import type { ImageInput } from './imageInput';

const refused = (image: unknown, text: string | RegExp) =>
  expectAsync(toPixels(image as ImageInput)).toBeRejectedWithError(ImageError, text as string);

const KINDS =
  'image: must be an <img>, <video> or <canvas>, an OffscreenCanvas, ImageData, ImageBitmap, VideoFrame, Blob, encoded bytes (Buffer), URL, path (in Node) or Tensor3D, got ';
const UNKNOWN =
  'must be an image, got bytes in no known format of images. Convert it to JPEG, PNG or WebP.';
const truncated = (format: string) =>
  `image: the ${format} is truncated: its end is missing. Copy or download the file again.`;
const nothing = (size: string) =>
  `image: must have at least one pixel, got ${size}. Wait until the image has loaded (a video: until it plays).`;

describe('toPixels rejects', () => {
  const others: [unknown, string][] = [
    [5, '5'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, 'an empty object'],
    [{ src: 'a.png', width: 3 }, 'an object with src, width'],
    [[1, 2], 'an array of length 2'],
    [() => 1, 'the function (anonymous)'],
    [document.createElement('div'), 'an HTMLDivElement'],
  ];
  for (const [value, said] of others) it(`${said}`, () => refused(value, `${KINDS}${said}.`));

  it('an empty file, by its name', async () => {
    await refused(new Blob([]), 'image: must have at least one byte, got an empty file.');
    await refused(new Uint8Array(0), 'image: must have at least one byte, got an empty file.');
    await refused(
      new File([], 'photo.jpg'),
      'photo.jpg: must have at least one byte, got an empty file.',
    );
  });

  it('a text file', async () => {
    await refused(new Blob(['Dear diary']), `image: ${UNKNOWN}`);
    await refused(
      new File(['Dear diary'], 'diary.txt', { type: 'text/plain' }),
      `diary.txt: ${UNKNOWN}`,
    );
    await refused(new File(['<b>'], 'page.png', { type: 'image/png' }), `page.png: ${UNKNOWN}`);
  });

  it('an SVG with a syntax error', () =>
    refused(
      new Blob(['<svg'], { type: 'image/svg+xml' }),
      'image: this SVG cannot be decoded in this browser (it has no <svg> element). Open it in an image editor and save it again.',
    ));

  it('a format that the browser does not support, by its name', async () => {
    const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
    const named = async (start: string, format: string) =>
      refused(
        bytes(start.padEnd(64, '\0')),
        `image: ${format} is not supported in this browser. Convert it to JPEG, PNG or WebP.`,
      );
    await named('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'HEIC');
    await named('\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL');
    await named('8BPS\0\x01', 'Photoshop (PSD)');
    await named('%PDF-1.7', 'PDF');
  });

  it('a PNG or a JPEG that is cut short', async () => {
    const png = await bytesOf(await encoded('image/png', quadrants(undefined, [300, 200])));
    const jpeg = await bytesOf(await encoded('image/jpeg', quadrants(undefined, [300, 200])));
    await refused(png.slice(0, png.length >> 1), truncated('PNG'));
    await refused(jpeg.slice(0, jpeg.length >> 1), truncated('JPEG'));
    await refused(jpeg.slice(0, 30), truncated('JPEG'));
    await refused(jpeg.slice(0, -2), truncated('JPEG'));
  });

  it('an <img> of a JPEG that is cut short', async () => {
    const jpeg = await bytesOf(await encoded('image/jpeg', quadrants(undefined, [300, 200])));
    const url = URL.createObjectURL(new Blob([jpeg.slice(0, jpeg.length >> 1)]));
    const image = Object.assign(new Image(), { src: url });
    await new Promise((resolve) => (image.onload = image.onerror = resolve));
    await refused(image, /^image: (the JPEG is truncated|the <img> of blob:.+ cannot be loaded)/);
    URL.revokeObjectURL(url);
  });

  it('an image without pixels', async () => {
    await refused(quadrants(undefined, [0, 0]), nothing('0 × 0'));
    await refused(quadrants(undefined, [0, 5]), nothing('0 × 5'));
    await refused(new OffscreenCanvas(3, 0), nothing('3 × 0'));
    await refused(document.createElement('video'), nothing('0 × 0'));
    const bitmap = await createImageBitmap(quadrants());
    bitmap.close();
    await refused(bitmap, nothing('0 × 0'));
    const frame = new VideoFrame(quadrants(), { timestamp: 0 });
    frame.close();
    await refused(frame, nothing('0 × 0'));
  });

  it('an <img> that cannot be loaded, or has no URL', async () => {
    const missing = Object.assign(new Image(), { src: '/base/none.png' });
    await refused(
      missing,
      /^image: the <img> of http:\/\/localhost:\d+\/base\/none\.png cannot be loaded \(.+\)\. Check its URL\.$/,
    );
    await refused(missing, /none\.png cannot be loaded/); // again, now that it has failed
    await refused(new Image(), /^image: the <img> of no src cannot be loaded \(/);
  });
});

describe('toPixels of a URL', () => {
  it('reports what the server returned', () =>
    refused('/base/none.png', '/base/none.png: the server returned 404 Not Found. Check the URL.'));

  it('reports that a page is not an image', () =>
    refused(
      '/context.html',
      '/context.html: must be an image, got a web page (HTML). Check the URL.',
    ));

  it('reports that a host cannot be reached', () =>
    refused(
      'http://localhost:9/a.png',
      /^http:\/\/localhost:9\/a\.png: cannot be fetched \(.+\)\. Check the URL; another site must send Access-Control-Allow-Origin\.$/,
    ));

  it('reports an invalid URL', () =>
    refused('http://', /^http:\/\/: cannot be fetched \(.*URL.*\)\. Check the URL;/));

  it('shortens a data: URL', async () => {
    const url = `data:image/png;base64,${btoa('x'.repeat(300))}`;
    await refused(url, new RegExp(`^data:image/png;base64,eHh4.{34}….{20}: must be an image`));
  });

  it('stops with the reason of its signal, before and during the download', async () => {
    const reason = new Error('enough');
    await expectAsync(toPixels('/base/none.png', AbortSignal.abort(reason))).toBeRejectedWith(
      reason,
    );
    const controller = new AbortController();
    const running = toPixels('/base/examples/images/orange.jpg', controller.signal);
    controller.abort(reason);
    await expectAsync(running).toBeRejectedWith(reason);
  });
});

describe('toPixels of a tensor rejects', () => {
  beforeAll(() => BACKENDS.cpu.open({}));

  const refusedTensor = async (make: () => Tensor, text: string) => {
    const image = onBackend('cpu', make);
    await refused(image, text);
    image.dispose();
  };
  const shaped = (shape: number[]) =>
    refusedTensor(
      () => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
      said(shape),
    );
  const said = (shape: number[]) =>
    `image: a tensor must have the shape [height, width, 1, 3 or 4] and values in 0..255, got [${shape.join(', ')}]. ` +
    (shape.length === 4
      ? 'Split a batch with tf.unstack and pass an array.'
      : 'Reshape or transpose it first.');

  it('a batch, a matrix, a number', async () => {
    await shaped([1, 2, 2, 3]);
    await shaped([4, 4]);
    await shaped([]);
  });

  it('two channels, or channels first', async () => {
    await shaped([4, 4, 2]);
    await shaped([3, 8, 8]);
  });

  it('no pixels', () =>
    refusedTensor(() => tensor(new Float32Array(0), [0, 4, 3]), nothing('4 × 0')));

  it('values that are not numbers', () =>
    refusedTensor(
      () => tensor([1, 2, 3, NaN, 5, 6], [1, 2, 3]),
      'image: pixels must be finite numbers from 0 to 255, got NaN at index 3.',
    ));

  it('a disposed tensor', async () => {
    const image = onBackend('cpu', () => tensor([1, 2, 3], [1, 1, 3]));
    image.dispose();
    await refused(image, 'image: the tensor is disposed. Pass it before you dispose it.');
  });
});

describe('a canvas with an image from another origin', () => {
  it('cannot be read, and the message says what to do', async () => {
    const page = new Blob(
      [
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9"><b xmlns="http://www.w3.org/1999/xhtml">x</b></foreignObject></svg>',
      ],
      { type: 'image/svg+xml' },
    );
    const url = URL.createObjectURL(page);
    const image = Object.assign(new Image(), { src: url });
    const text =
      'image: its pixels cannot be read because it comes from another site (a tainted canvas). Serve it with the header ' +
      'Access-Control-Allow-Origin and set crossOrigin="anonymous" on the element, or pass its URL.';
    await image.decode();
    const canvas = quadrants();
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    let isTainted = false;
    try {
      context.getImageData(0, 0, 1, 1);
    } catch {
      isTainted = true;
    }
    if (!isTainted && !/Chrome/.test(navigator.userAgent))
      pending('Firefox allows to read an SVG with HTML in it');
    await refused(image, text);
    await refused(canvas, text);
    URL.revokeObjectURL(url);
  });
});
