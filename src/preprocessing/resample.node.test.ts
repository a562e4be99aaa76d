/** The resampler, compared with Pillow and with PyTorch in float64 (fixtures/README.md). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fixture from '../../test/fixtures/resample.json';
import { paint } from '../../test/support/paint';
import { resample } from './resample';

/** The largest |a − b|. */
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.equal(a.length, b.length);
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
};

describe('resample', () => {
  for (const {
    name,
    picture,
    from,
    to,
    at,
    exact,
    pillow,
  } of fixture.cases as (typeof fixture.cases)[number][]) {
    it(`${name} (${from.join(' × ')} to ${to.join(' × ')}): within 1e-3 level of PyTorch, and 1 level of Pillow`, () => {
      const all = resample(paint(picture, from[0]!, from[1]!), to[0]!, to[1]!);
      assert.equal(all.length, to[0]! * to[1]! * 3);
      const kept = at ? at.map((index) => all[index]!) : all;
      assert.ok(furthest(kept, exact) <= 1e-3, `${furthest(kept, exact)} levels from exact`);
      assert.ok(
        furthest(Array.from(kept, Math.round), pillow) <= 1,
        'more than one level from Pillow',
      );
    });
  }

  it('returns the same values for a region as for the whole image', () => {
    const picture = paint('resample.region', 53, 41);
    for (const [width, height] of [
      [23, 17],
      [90, 70],
      [53, 41],
    ] as const) {
      const whole = resample(picture, width, height);
      for (const region of [
        { left: 0, top: 0, width: 9, height: 7 },
        { left: width - 11, top: height - 5, width: 11, height: 5 },
        { left: 3, top: 4, width: 1, height: 1 },
      ]) {
        const part = resample(picture, width, height, region);
        const expected: number[] = [];
        for (let y = region.top; y < region.top + region.height; y++) {
          for (let i = region.left * 3; i < (region.left + region.width) * 3; i++)
            expected.push(whole[y * width * 3 + i]!);
        }
        assert.deepEqual(Array.from(part), expected);
      }
    }
  });

  it('keeps a uniform color, at any scale', () => {
    const data = Uint8Array.from({ length: 31 * 7 * 3 }, (_, i) => [200, 17, 255][i % 3]!);
    for (const [width, height] of [
      [3, 3],
      [100, 50],
      [1, 1],
      [31, 1],
    ] as const) {
      const out = resample({ width: 31, height: 7, channels: 3, data }, width, height);
      out.forEach((value, i) =>
        assert.ok(Math.abs(value - [200, 17, 255][i % 3]!) < 1e-4, `${value} at ${i}`),
      );
    }
  });
});
