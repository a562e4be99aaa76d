/** toPixels for every kind of image that browsers support: orientation and colors. */
import { tensor3d, type Tensor3D } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import { EVERY, WASM_PATHS, expectNoLeak } from '../../test/support/backends';
import {
  HEIGHT,
  UPRIGHT,
  WIDTH,
  bytesOf,
  colorsOf,
  canEncode,
  encoded,
  loadedImage,
  quadrants,
  vector,
  withOrientation,
} from '../../test/support/quadrants';
import { toPixels } from './image';
import type { ImageInput } from './imageInput';
import type { Pixels } from './pixels';
import { resample } from './resample';

/** An SVG is drawn with at least 256 pixels on its shorter side. */
const ENLARGED = [384, 256];

async function expectUpright(
  image: ImageInput,
  tolerance = 0,
  size: readonly number[] = [WIDTH, HEIGHT],
): Promise<void> {
  const pixels = await toPixels(image);
  expect([pixels.width, pixels.height]).toEqual([...size]);
  expect(colorsOf(pixels, tolerance)).toEqual([...UPRIGHT]);
}

/** The pixels as the network sees them, not resized. */
const asRGB = (pixels: Pixels): Pixels => ({
  ...pixels,
  channels: 3,
  data: resample(pixels, pixels.width, pixels.height),
});

/** A blob: URL that is revoked when the work is done. */
async function atURL<T>(blob: Blob, work: (url: string) => Promise<T>): Promise<T> {
  const url = URL.createObjectURL(blob);
  try {
    return await work(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

describe('toPixels of an element', () => {
  it('<canvas>', () => expectUpright(quadrants()));

  it('<canvas> drawn by WebGL', async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true })!;
    gl.clearColor(0, 0, 1, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    expect(colorsOf(await toPixels(canvas))).toEqual(['blue', 'blue', 'blue', 'blue']);
    gl.getExtension('WEBGL_lose_context')!.loseContext();
  });

  it('OffscreenCanvas', async () => {
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    canvas.getContext('2d')!.drawImage(quadrants(), 0, 0);
    await expectUpright(canvas);
  });

  it('ImageData', () =>
    expectUpright(quadrants().getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT)));

  it('ImageData of a wider color space, and of half floats where supported', async () => {
    const canvas = Object.assign(document.createElement('canvas'), {
      width: WIDTH,
      height: HEIGHT,
    });
    const context = canvas.getContext('2d', { colorSpace: 'display-p3' })!;
    context.drawImage(quadrants(), 0, 0);
    await expectUpright(context.getImageData(0, 0, WIDTH, HEIGHT), 2);
    const halves = context.getImageData(0, 0, WIDTH, HEIGHT, {
      colorSpace: 'srgb',
      pixelFormat: 'rgba-float16',
    } as ImageDataSettings);
    await expectUpright(halves, 2); // a browser without half floats returns bytes
  });

  it('ImageBitmap', async () => {
    const bitmap = await createImageBitmap(quadrants());
    await expectUpright(bitmap);
    await expectUpright(bitmap); // not used up
    bitmap.close();
  });

  it('VideoFrame', async () => {
    const frame = new VideoFrame(quadrants(), { timestamp: 0 });
    await expectUpright(frame, 3);
    await expectUpright(frame, 3);
    frame.close();
  });

  it('<img> that is loaded', async () =>
    atURL(await encoded('image/png'), async (url) => expectUpright(await loadedImage(url))));

  it('<img> that is still loading', async () => {
    await atURL(await encoded('image/png'), async (url) => {
      const image = Object.assign(new Image(), { src: url });
      expect(image.complete).toBeFalse();
      await expectUpright(image);
    });
  });

  it('<img loading="lazy"> that no browser loads: detached, hidden, in a closed <details>', async () => {
    await atURL(await encoded('image/png'), async (url) => {
      const lazy = () => Object.assign(new Image(), { loading: 'lazy', src: url });
      await expectUpright(lazy());
      const [hidden, folded] = [lazy(), lazy()];
      hidden.style.display = 'none';
      const details = document.createElement('details');
      details.append(folded);
      document.body.append(hidden, details);
      await expectUpright(hidden);
      await expectUpright(folded);
      hidden.remove();
      details.remove();
    });
  });

  it('<img> that never loads stops with its signal', async () => {
    const controller = new AbortController();
    const image = Object.assign(new Image(), { src: '/base/none.png' });
    image.decode = () => new Promise(() => {});
    const reading = toPixels(image, controller.signal);
    controller.abort(new Error('enough'));
    await expectAsync(reading).toBeRejectedWithError('enough');
  });

  it('<img> shown smaller than it is: all of its pixels', async () => {
    await atURL(await encoded('image/png'), async (url) => {
      const image = Object.assign(new Image(4, 4), { src: url });
      document.body.append(image);
      await expectUpright(image);
      image.remove();
    });
  });

  it('<img> of an SVG', () =>
    atURL(vector(), async (url) => expectUpright(await loadedImage(url))));

  it('elements of another window, such as a popup or a frame', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const inside = frame.contentWindow as Window & typeof globalThis;
    const canvas = Object.assign(inside.document.createElement('canvas'), {
      width: WIDTH,
      height: HEIGHT,
    });
    canvas.getContext('2d')!.drawImage(quadrants(), 0, 0);
    await expectUpright(canvas);
    await expectUpright(
      new inside.ImageData(
        canvas.getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT).data,
        WIDTH,
        HEIGHT,
      ),
    );
    const bytes = await bytesOf(await encoded('image/png'));
    await expectUpright(new inside.Blob([bytes], { type: 'image/png' }));
    await expectUpright(new inside.Uint8Array(bytes));
    await expectUpright(new inside.Uint8Array(bytes).buffer);
    frame.remove();
  });
});

describe('toPixels of an encoded image', () => {
  for (const [type, tolerance] of [
    ['image/png', 0],
    ['image/jpeg', 4],
    ['image/webp', 6],
  ] as const) {
    if (!canEncode(type)) continue; // WebKit writes PNG in place of WebP
    it(`Blob, ${type}`, async () => expectUpright(await encoded(type), tolerance));
    it(`Uint8Array and ArrayBuffer, ${type}`, async () => {
      const bytes = await bytesOf(await encoded(type));
      await expectUpright(bytes, tolerance);
      await expectUpright(bytes.buffer, tolerance);
    });
  }

  it('Blob, SVG, in more detail than its size', () => expectUpright(vector(), 0, ENLARGED));

  it('File, without a type', async () =>
    expectUpright(new File([await encoded('image/png')], 'photo.png')));

  it('a part of a larger buffer, as files within files are', async () => {
    const bytes = await bytesOf(await encoded('image/png'));
    const larger = new Uint8Array(bytes.length + 20).fill(7);
    larger.set(bytes, 10);
    await expectUpright(larger.subarray(10, 10 + bytes.length));
  });

  it('blob: URL, as a string and as a URL object', async () => {
    await atURL(await encoded('image/png'), async (url) => {
      await expectUpright(url);
      await expectUpright(new URL(url));
    });
  });

  it('data: URL', () => expectUpright(quadrants().toDataURL('image/png')));

  it('data: URL of an SVG', async () =>
    expectUpright(`data:image/svg+xml,${encodeURIComponent(await vector().text())}`, 0, ENLARGED));

  it('bytes of an SVG, which have no type', async () =>
    expectUpright(await bytesOf(vector()), 0, ENLARGED));

  it('bytes in shared memory', async function () {
    if (typeof SharedArrayBuffer === 'undefined') return pending('this page is not isolated');
    const bytes = await bytesOf(await encoded('image/png'));
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    await expectUpright(shared);
    await expectUpright(shared.buffer as unknown as ArrayBuffer);
  });

  it('http: URL, whole and relative to the page', async () => {
    for (const url of [
      '/base/examples/images/orange.jpg',
      new URL('/base/examples/images/orange.jpg', location.href),
    ]) {
      const { width, height } = await toPixels(url);
      expect([width, height]).toEqual([512, 384]);
    }
  });
});

describe('EXIF orientation', () => {
  // where top left, top right, bottom left and bottom right of the stored picture are seen
  const seen = ['RGBY', 'GRYB', 'YBGR', 'BYRG', 'RBGY', 'BRYG', 'YGBR', 'GYRB'];
  const names: Record<string, string> = { R: 'red', G: 'green', B: 'blue', Y: 'yellow' };
  for (const [i, letters] of seen.entries()) {
    const orientation = i + 1;
    it(`${orientation} is applied in a Blob and in an <img>`, async () => {
      const blob = withOrientation(await bytesOf(await encoded('image/jpeg')), orientation);
      const size = orientation > 4 ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
      const images: ImageInput[] = [blob, await bytesOf(blob), await atURL(blob, loadedImage)];
      for (const image of images) {
        const pixels = await toPixels(image);
        expect([pixels.width, pixels.height]).toEqual(size);
        expect(colorsOf(pixels, 6)).toEqual([...letters].map((letter) => names[letter]!));
      }
    });
  }
});

describe('transparency', () => {
  it('becomes white, in every form', async () => {
    const canvas = quadrants(['red', undefined, undefined, 'yellow']);
    const forms: ImageInput[] = [
      canvas,
      await createImageBitmap(canvas),
      await encoded('image/png', canvas),
      canvas.toDataURL(),
    ];
    for (const form of forms) {
      const pixels = await toPixels(form);
      expect(colorsOf(pixels)).toEqual(['red', 'alpha 0', 'alpha 0', 'yellow']);
      expect(colorsOf(asRGB(pixels))).toEqual(['red', 'white', 'white', 'yellow']);
    }
  });
});

describe('toPixels of a video', () => {
  it('returns the current frame, and rejects before the first', async () => {
    if (!MediaRecorder.isTypeSupported('video/webm')) return pending('this browser writes no WebM');
    const canvas = quadrants(UPRIGHT, [96, 64]);
    const recorder = new MediaRecorder(canvas.captureStream(30), {
      mimeType: 'video/webm',
      videoBitsPerSecond: 4e6,
    });
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.start();
    const redraw = setInterval(
      () => canvas.getContext('2d')!.drawImage(quadrants(UPRIGHT, [96, 64]), 0, 0),
      20,
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    recorder.stop();
    await stopped;
    clearInterval(redraw);

    await atURL(new Blob(parts, { type: 'video/webm' }), async (url) => {
      const video = Object.assign(document.createElement('video'), {
        muted: true,
        preload: 'auto',
      });
      await expectAsync(toPixels(video)).toBeRejectedWithError(
        'image: must have at least one pixel, got 0 × 0. Wait until the image has loaded (a video: until it plays).',
      );
      video.src = url;
      await video.play();
      await expectUpright(video, 40, [96, 64]);
      video.pause();
      await expectUpright(video, 40, [96, 64]);
      Object.defineProperty(video, 'readyState', { value: 1 }); // HAVE_METADATA: the size is known, but drawing draws nothing yet
      await expectAsync(toPixels(video)).toBeRejectedWithError(
        /^image: must have at least one pixel, got 0 × 0\. Wait/,
      );
    });
  });
});

describe('toPixels of a tensor', () => {
  const colors = {
    red: [255, 0, 0],
    green: [0, 255, 0],
    blue: [0, 0, 255],
    yellow: [255, 255, 0],
  };
  const values = (channels: 3 | 4) =>
    UPRIGHT.flatMap((name) => [...colors[name as 'red'], 255].slice(0, channels));

  for (const name of EVERY) {
    it(`on ${name}, int32 and float32, unchanged`, async () => {
      await BACKENDS[name].open({ wasmPaths: WASM_PATHS });
      await expectNoLeak(async () => {
        for (const dtype of ['int32', 'float32'] as const) {
          for (const channels of [3, 4] as const) {
            const image = onBackend(BACKENDS[name].tfBackend, () =>
              tensor3d(values(channels), [2, 2, channels], dtype),
            );
            await expectUpright(image, 0, [2, 2]);
            expect(image.isDisposed).toBeFalse();
            image.dispose();
          }
          const grey = onBackend(BACKENDS[name].tfBackend, () =>
            tensor3d([0, 128, 255, 7], [2, 2, 1], dtype),
          );
          expect(colorsOf(asRGB(await toPixels(grey)))).toEqual([
            '0 0 0',
            'grey',
            'white',
            '7 7 7',
          ]);
          grey.dispose();
        }
      });
    });
  }

  it('of another copy of TensorFlow.js', async () => {
    const foreign = {
      shape: [1, 1, 3],
      dtype: 'float32',
      dataId: {},
      isDisposed: false,
      data: async () => Float32Array.of(1, 2, 3),
    };
    const { data } = await toPixels(foreign as unknown as Tensor3D);
    expect(Array.from(data)).toEqual([1, 2, 3]);
  });

  it('with values in -1..1 causes one warning, and a black one none', async () => {
    const warn = spyOn(console, 'warn');
    const read = (values: number[]) =>
      toPixels({
        ...{ shape: [1, 1, 3], dtype: 'float32', dataId: {}, isDisposed: false },
        data: async () => Float32Array.from(values),
      } as unknown as Tensor3D);
    await read([0, 0, 0]);
    await read([0.5, 0.5, 200]);
    expect(warn).not.toHaveBeenCalled();
    await read([0.5, 0.1, 1]);
    await read([-0.5, 0.1, 1]);
    expect(warn.calls.allArgs()).toEqual([
      [
        'alexnet-ts: image: a tensor must have values in 0..255, and all values of this one are between -1 and 1. Multiply it by 255, or undo its normalization.',
      ],
    ]);
  });

  it('is a copy: the image does not change with the tensor', async () => {
    const values = Float32Array.of(1, 2, 3);
    const image = onBackend('cpu', () => tensor3d(values, [1, 1, 3]));
    const { data } = await toPixels(image);
    data[0] = 99;
    expect(Array.from(await image.data())).toEqual([1, 2, 3]);
    image.dispose();
  });
});
