/**
 * From pixels to the network's input: compared with PyTorch in float64 (fixtures/README.md), and
 * edge cases.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WeightsError } from '../errors';
import fixture from '../../test/fixtures/preprocess.json';
import { paint } from '../../test/support/paint';
import { crops } from './crop';
import { checkPixels, rgbRows, type Pixels } from './pixels';
import { preprocess, scaledSize } from './preprocess';
import { parsePreprocessing, type Preprocessing } from '../weights/format/preprocessing';
import { resample } from './resample';

const [red, green, blue] = fixture.mean as [number, number, number];
const recipe: Preprocessing = { resize: 64, crop: 56, inputSize: 227, mean: [red, green, blue] };
const LENGTH = 227 * 227 * 3;

const close = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, ${expected} expected`);

describe('preprocess', () => {
  for (const { name, picture, from, resized, tenCrops } of fixture.cases) {
    const pixels = paint(picture, from[0]!, from[1]!);

    it(`${name}: the resized image matches PyTorch`, () => {
      const [width, height] = resized.size as [number, number];
      assert.deepEqual(scaledSize(64, from[0]!, from[1]!), { width, height });
      const values = resample(pixels, width, height);
      resized.at.forEach((index, i) =>
        close(values[index]!, resized.values[i]!, 1e-3, `value ${index}`),
      );
    });

    it(`${name}: the ten crops lie in the central square, and their values match PyTorch`, () => {
      const [width, height] = resized.size as [number, number];
      const places = crops('ten', width, height, 56).map(({ left, top, mirrored }) => ({
        left,
        top,
        mirrored,
      }));
      assert.deepEqual(
        places,
        tenCrops.map(({ left, top, mirrored }) => ({ left, top, mirrored })),
      );
      const views = preprocess(pixels, recipe, 'ten');
      assert.equal(views.length, 10 * LENGTH);
      for (const [i, expected] of tenCrops.entries()) {
        const view = views.subarray(i * LENGTH, (i + 1) * LENGTH);
        const what = `${expected.crop}${expected.mirrored ? ' mirrored' : ''}`;
        fixture.at.forEach((index, k) =>
          close(view[index]!, expected.values[k]!, 1e-3, `${what}, value ${index}`),
        );
        close(view.reduce((a, b) => a + b) / LENGTH, expected.mean, 1e-3, `${what}, mean`);
        close(
          view.reduce((a, b) => a + Math.abs(b), 0) / LENGTH,
          expected.meanAbs,
          1e-3,
          `${what}, mean of absolute values`,
        );
      }
    });

    it(`${name}: the center crop is the fifth of the ten`, () => {
      assert.deepEqual(
        preprocess(pixels, recipe, 'center'),
        preprocess(pixels, recipe, 'ten').slice(4 * LENGTH, 5 * LENGTH),
      );
    });
  }

  it('divides by std after subtracting the mean, by channel', () => {
    const data = Uint8Array.from([100, 150, 200]);
    const values = preprocess(
      { width: 1, height: 1, channels: 3, data },
      { resize: 2, crop: 2, inputSize: 2, mean: [90, 100, 100], std: [2, 5, 4] },
      'center',
    );
    assert.deepEqual(Array.from(values), [5, 10, 25, 5, 10, 25, 5, 10, 25, 5, 10, 25]);
  });

  it('accepts images of any proportions', () => {
    for (const [width, height] of [
      [1, 4000],
      [4000, 1],
      [1, 1],
      [2, 3],
    ] as const) {
      const data = new Uint8Array(width * height * 3).fill(77);
      const views = preprocess(
        { width, height, channels: 3, data },
        { ...recipe, mean: [0, 0, 0] },
        'ten',
      );
      assert.equal(views.length, 10 * LENGTH, `${width} × ${height}`);
      assert.ok(
        views.every((value) => Math.abs(value - 77) < 1e-4),
        `${width} × ${height}`,
      );
    }
  });

  it('processes an image of 12 megapixels', (t) => {
    const [width, height] = [4000, 3000];
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    const start = performance.now();
    const views = preprocess(
      { width, height, channels: 4, data },
      { resize: 256, crop: 227, inputSize: 227, mean: [0, 0, 0] },
      'center',
    );
    t.diagnostic(`12 megapixels: ${Math.round(performance.now() - start)} ms`);
    assert.ok(views.every((value) => Math.abs(value - 255) < 1e-3));
  });
});

describe('scaledSize', () => {
  it('scales the shorter side to the given length and rounds the longer one, halves up', () => {
    assert.deepEqual(scaledSize(64, 128, 161), { width: 64, height: 81 }); // 80.5
    assert.deepEqual(scaledSize(64, 161, 128), { width: 81, height: 64 });
    assert.deepEqual(scaledSize(256, 300, 300), { width: 256, height: 256 });
    assert.deepEqual(scaledSize(256, 1, 4000), { width: 256, height: 1024000 });
  });
});

describe('crops', () => {
  it('leave the odd pixel on the right and at the bottom', () => {
    assert.deepEqual(crops('center', 10, 7, 4), [
      { left: 2, top: 1, width: 4, height: 4, mirrored: false },
    ]); // square at 1, margin 3
  });

  it('of an image of their own size all have the same position', () => {
    const places = new Set(crops('ten', 4, 4, 4).map(({ left, top }) => `${left} ${top}`));
    assert.deepEqual([...places], ['0 0']);
  });
});

describe('rgbRows', () => {
  const rgb = (picture: Omit<Pixels, 'width' | 'height'>) => {
    const { data, from, step } = rgbRows({ width: 2, height: 1, ...picture })(0);
    return [0, 1, 2, step, step + 1, step + 2].map((i) => data[from + i]);
  };

  it('repeats gray', () =>
    assert.deepEqual(rgb({ channels: 1, data: Uint8Array.of(7, 250) }), [7, 7, 7, 250, 250, 250]));

  it('keeps colors', () =>
    assert.deepEqual(
      rgb({ channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }),
      [1, 2, 3, 4, 5, 6],
    ));

  it('blends transparency with white', () => {
    // 100 · 51/255 + 255 · 204/255 = 20 + 204
    assert.deepEqual(
      rgb({ channels: 4, data: Uint8Array.of(9, 9, 9, 0, 100, 0, 255, 51) }),
      [255, 255, 255, 224, 204, 255],
    );
  });

  it('blends only the rows with transparency', () => {
    const data = Uint8Array.of(1, 2, 3, 255, 100, 0, 255, 51, 4, 5, 6, 255);
    const read = rgbRows({ width: 1, height: 3, channels: 4, data });
    const rows = [0, 1, 2].map((row) => {
      const { data, from } = read(row);
      return [...data.subarray(from, from + 3)];
    });
    assert.deepEqual(rows, [
      [1, 2, 3],
      [224, 204, 255],
      [4, 5, 6],
    ]);
  });

  it('does not round opaque floats', () => {
    assert.deepEqual(
      rgb({ channels: 4, data: Float32Array.of(0.5, 1.25, 2, 255, 3, 4, 5.75, 255) }),
      [0.5, 1.25, 2, 3, 4, 5.75],
    );
  });
});

describe('checkPixels', () => {
  it('reports how many values an image needs', () => {
    assert.throws(
      () =>
        checkPixels({ width: 3, height: 2, channels: 4, data: new Uint8Array(23) }, 'photo.png'),
      {
        name: 'ImageError',
        message: 'photo.png: 3 × 2 × 4 pixels must have 24 values, got 23.',
      },
    );
  });

  it('names a value that is not a number', () => {
    assert.throws(
      () =>
        checkPixels(
          { width: 2, height: 1, channels: 1, data: Float32Array.of(1, Infinity) },
          'image',
        ),
      {
        message: 'image: pixels must be finite numbers from 0 to 255, got Infinity at index 1.',
      },
    );
  });
});

describe('parsePreprocessing', () => {
  it('lists every problem', () => {
    assert.throws(
      () =>
        parsePreprocessing(
          { resize: 0, crop: '56', inputSize: 1.5, mean: [1, 2], std: [1, 0, 1] },
          'set',
        ),
      (error: unknown) => {
        assert.ok(error instanceof WeightsError);
        assert.deepEqual(error.problems, [
          'preprocessing.resize must be an integer from 1 to 8192 (pixels), got 0.',
          'preprocessing.crop must be an integer from 1 to 8192 (pixels), got "56".',
          'preprocessing.inputSize must be an integer from 1 to 8192 (pixels), got 1.5.',
          'preprocessing.mean must be three numbers (red, green, blue; 0..255), got an array of length 2.',
          'preprocessing.std must be three numbers (red, green, blue; 0..255), got an array of length 3.',
        ]);
        return true;
      },
    );
  });

  it('rejects a crop that is larger than the image', () => {
    assert.throws(
      () => parsePreprocessing({ resize: 8, crop: 9, inputSize: 9, mean: [0, 0, 0] }, 'set'),
      {
        message: 'set: preprocessing.crop must be at most resize = 8, got 9.',
      },
    );
  });

  it('rejects values that are not objects', () => {
    assert.throws(
      () => parsePreprocessing(null, 'set'),
      /set: 5 problems\.\n {2}- preprocessing must be an object, got null\./,
    );
  });
});
