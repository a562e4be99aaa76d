/** Random views: their positions and changes, and the principal colors. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../layers/init';
import { formula } from '../../../test/support/formula';
import { centralSquare, centerView, colorShift, cutView, drawView } from './augment';
import { preprocess } from '../../preprocessing/preprocess';
import type { Preprocessing } from '../../weights/format/preprocessing';
import { ColorStatistics, eigen } from './colorPca';

const plain: Preprocessing = { resize: 4, crop: 2, inputSize: 2, mean: [0, 0, 0] };
/** A square whose red is the column, whose green is the row and whose blue is 100. */
const square = Float32Array.from(
  { length: 4 * 4 * 3 },
  (_, i) => [Math.floor(i / 3) % 4, Math.floor(i / 12), 100][i % 3]!,
);

describe('cutView', () => {
  it('cuts at the position of the view', () => {
    const view = cutView(square, { left: 1, top: 2, mirrored: false, shift: [0, 0, 0] }, plain);
    assert.deepEqual([...view], [1, 2, 100, 2, 2, 100, 1, 3, 100, 2, 3, 100]);
  });

  it('mirrors left to right, shifts, and then subtracts the mean', () => {
    const view = cutView(
      square,
      { left: 1, top: 2, mirrored: true, shift: [10, 20, 30] },
      { ...plain, mean: [1, 2, 3], std: [1, 2, 1] },
    );
    assert.deepEqual([...view], [11, 10, 127, 10, 10, 127, 11, 10.5, 127, 10, 10.5, 127]);
  });

  it('the center is what classify sees, even with a resized crop', () => {
    const picture = {
      width: 50,
      height: 40,
      channels: 3 as const,
      data: formula('augment', 50 * 40 * 3, 127, 128),
    };
    for (const set of [
      plain,
      {
        resize: 20,
        crop: 15,
        inputSize: 21,
        mean: [120, 110, 100],
        std: [2, 3, 4],
      } as Preprocessing,
    ]) {
      const expected = preprocess(picture, set, 'center');
      const view = cutView(centralSquare(picture, set), centerView(set), set);
      assert.ok(view.every((value, i) => Math.abs(value - expected[i]!) < 1e-4));
    }
  });
});

describe('drawView', () => {
  const set: Preprocessing = { resize: 256, crop: 224, inputSize: 224, mean: [0, 0, 0] };
  const colors = eigen([
    [0.3, 0, 0],
    [0, 0.2, 0],
    [0, 0, 0.1],
  ]);
  const views = (options = {}) => {
    const uniform = random(1);
    return Array.from({ length: 2000 }, () => drawView(uniform, set, options, colors));
  };

  it('reaches every position, and mirrors half of the views', () => {
    const all = views();
    const lefts = all.map(({ left }) => left);
    assert.deepEqual([Math.min(...lefts), Math.max(...lefts)], [0, 32]);
    assert.equal(new Set(all.map(({ top }) => top)).size, 33);
    assert.ok(Math.abs(all.filter(({ mirrored }) => mirrored).length - 1000) < 100);
  });

  it('shifts by N(0, 0.1) times the variance along each principal color', () => {
    const all = views();
    const deviation = (channel: number) =>
      Math.sqrt(all.reduce((sum, { shift }) => sum + shift[channel]! ** 2, 0) / all.length);
    for (const [channel, variance] of [0.3, 0.2, 0.1].entries()) {
      assert.ok(
        Math.abs(deviation(channel) / (255 * 0.1 * variance) - 1) < 0.06,
        `channel ${channel}: ${deviation(channel)}`,
      );
    }
  });

  it('applies only the given options, and draws the same for the same seed', () => {
    assert.deepEqual(views(), views());
    const { left, top } = centerView(set);
    assert.ok(
      views({ crop: false, mirror: false, color: 0 }).every(
        (view) => view.left === left && view.top === top && !view.mirrored,
      ),
    );
    assert.ok(
      views({ color: 0 }).every(({ shift }) => shift.every((value) => Math.abs(value) === 0)),
    );
    assert.deepEqual(
      views({ color: 0 }).map((view) => view.left),
      views().map((view) => view.left),
    );
  });
});

describe('colorShift', () => {
  it('sums the principal colors, each times strength and variance, in levels of 255', () => {
    const colors = {
      vectors: [
        [0.6, 0.8, 0],
        [-0.8, 0.6, 0],
        [0, 0, 1],
      ],
      values: [0.5, 0.2, 0.1],
    } as const;
    const expected = [0.6 * 0.05 - 0.8 * -0.04, 0.8 * 0.05 + 0.6 * -0.04, 0.03].map(
      (share) => 255 * share,
    );
    colorShift([0.1, -0.2, 0.3], colors).forEach((level, channel) =>
      assert.ok(Math.abs(level - expected[channel]!) < 1e-9),
    );
  });

  it('is what drawView draws', () => {
    const colors = eigen([
      [0.3, 0.1, 0],
      [0.1, 0.2, 0],
      [0, 0, 0.1],
    ]);
    const numbers = [0.5, 0.5, 0.5, 0.3, 0.1, 0.6, 0.2, 0.8, 0.9]; // left, top, mirrored, then two for each strength
    const normal = (i: number) =>
      Math.sqrt(-2 * Math.log(1 - numbers[i]!)) * Math.cos(2 * Math.PI * numbers[i + 1]!);
    const { shift } = drawView(() => numbers.shift()!, plain, { color: 2 }, colors);
    assert.equal(numbers.length, 0);
    numbers.push(0, 0, 0, 0.3, 0.1, 0.6, 0.2, 0.8, 0.9);
    assert.deepEqual(shift, colorShift([2 * normal(3), 2 * normal(5), 2 * normal(7)], colors));
  });
});

describe('principal colors', () => {
  it('are the eigenvectors: A v = λ v, at right angles, the strongest first', () => {
    const a = [
      [2, 0.5, 0.3],
      [0.5, 1, -0.2],
      [0.3, -0.2, 3],
    ];
    const { vectors, values } = eigen(a);
    assert.deepEqual(
      [...values],
      [...values].sort((x, y) => y - x),
    );
    for (const [i, v] of vectors.entries()) {
      a.forEach((row, r) =>
        assert.ok(
          Math.abs(row.reduce((sum, value, c) => sum + value * v[c]!, 0) - values[i]! * v[r]!) <
            1e-9,
        ),
      );
      for (const [j, w] of vectors.entries()) {
        const product = v.reduce((sum, part, c) => sum + part * w[c]!, 0);
        assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-9);
      }
    }
  });

  it('of gray images point along gray, with the variance of values in [0, 1]', () => {
    const statistics = new ColorStatistics();
    statistics.add([0, 0, 0, 255, 255, 255]);
    statistics.add([0, 0, 0, 255, 255, 255]);
    const { vectors, values } = statistics.principalColors();
    for (const part of vectors[0]) assert.ok(Math.abs(part - 1 / Math.sqrt(3)) < 1e-9);
    assert.ok(Math.abs(values[0] - 0.75) < 1e-9); // a quarter in each of three channels
    assert.ok(values[1] < 1e-9 && values[2] < 1e-9);
  });
});
