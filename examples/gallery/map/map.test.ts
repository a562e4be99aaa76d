/** The positions of pictures on the map, and the lasso. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInside, outline } from './lasso';
import { layout } from './layout';
import { principalComponents } from './principalComponents';

/** Deterministic noise in [0, 1). */
const noise = (i: number) => {
  const x = Math.sin(12.9898 * i + 78.233) * 43758.5453;
  return x - Math.floor(x);
};

/** Features of `groups` groups of pictures, sparse and positive like those of fc7. */
const features = (groups: number, perGroup: number, size = 4096) =>
  Array.from({ length: groups * perGroup }, (_, row) =>
    Float32Array.from({ length: size }, (_, i) => {
      const isOwn = Math.floor((i * groups) / size) === row % groups;
      return Math.max(0, noise(row * size + i) - (isOwn ? 0.4 : 0.8));
    }),
  );

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, i) => value - b[i]!));

describe('principalComponents', () => {
  it('keeps the distances if there are as many components as rows', () => {
    const rows = features(3, 5, 60);
    const reduced = principalComponents(rows, 40);
    assert.equal(reduced[0]!.length, 14);
    for (const [i, j] of [
      [0, 1],
      [3, 9],
      [2, 14],
    ] as const)
      // prettier-ignore
      assert.ok(
        Math.abs(distance([...rows[i]!], [...rows[j]!]) - distance(reduced[i]!, reduced[j]!)) < 1e-3,
      );
  });

  it('orders the components by their variance', () => {
    const variances = principalComponents(features(3, 20, 100), 5).reduce(
      (sums, row) => sums.map((sum, i) => sum + row[i]! ** 2),
      [0, 0, 0, 0, 0],
    );
    assert.deepEqual(
      variances,
      variances.toSorted((a, b) => b - a),
    );
  });

  it('accepts equal rows', () => {
    const row = new Float32Array(8).fill(1);
    assert.deepEqual(principalComponents([row, row, row], 2), [[], [], []]);
  });
});

describe('outline', () => {
  it('is the rectangle around a straight line, and any other line itself', () => {
    const corners = [[10, 40], [50, 40], [50, 20], [10, 20]]; // prettier-ignore
    assert.deepEqual(outline([[10, 40], [31, 30], [50, 20]]), corners); // prettier-ignore
    const arc = [[10, 40], [50, 40], [50, 20]] as const; // prettier-ignore
    assert.deepEqual(outline(arc), arc);
  });
});

describe('layout', () => {
  it('places 500 pictures in seconds, those of a group together', () => {
    const start = performance.now();
    const versions = [...layout(features(4, 125))];
    const seconds = (performance.now() - start) / 1000;
    const positions = versions.at(-1)!;
    assert.ok(versions.length > 5, 'the first two components, then as UMAP improves them');
    assert.ok(positions.flat().every((value) => value >= 0 && value <= 1));
    let same = 0;
    positions.forEach((position, i) => {
      const nearest = [...positions.keys()]
        .filter((j) => j !== i)
        .reduce((a, b) =>
          distance(position, positions[a]!) < distance(position, positions[b]!) ? a : b,
        );
      if (nearest % 4 === i % 4) same++;
    });
    assert.ok(same > 490, `${same} of 500 have a neighbor of their group`);
    assert.ok(seconds < 30, `${seconds} s`);
  });

  it('places few pictures, and the same ones at the same positions', () => {
    for (const count of [1, 2, 3, 6]) {
      const [positions] = [...layout(features(1, count, 64))].slice(-1);
      assert.equal(positions!.length, count);
      assert.ok(positions!.flat().every((value) => value >= 0 && value <= 1));
    }
    const [a, b] = [features(2, 12, 64), features(2, 12, 64)].map((rows) =>
      [...layout(rows)].at(-1),
    );
    assert.deepEqual(a, b);
  });
});

describe('isInside', () => {
  it('tells inside from outside, also for a line with a notch', () => {
    const line = [[0, 0], [10, 0], [10, 10], [5, 4], [0, 10]] as const; // prettier-ignore
    assert.equal(isInside([2, 3], line), true);
    assert.equal(isInside([5, 8], line), false);
    assert.equal(isInside([11, 5], line), false);
  });
});
