/** topK and AccuracyMeter on examples made by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AccuracyMeter } from './accuracyMeter';
import { topK, type Prediction } from './topK';

const labels = ['ant', 'bee', 'cat', 'dog'].map((label, i) => ({ label, id: `n${i}` }));
const order = (probabilities: number[], options: { topK?: number; minProbability?: number } = {}) =>
  topK(Float32Array.from(probabilities), labels, options).map(({ label }) => label);

describe('topK', () => {
  it('returns the best first, with id, index and probability', () => {
    assert.deepEqual(
      topK(Float32Array.of(0.125, 0.5, 0.25, 0.125), labels, { topK: 2, minProbability: 0 }),
      [
        { label: 'bee', id: 'n1', index: 1, probability: 0.5 },
        { label: 'cat', id: 'n2', index: 2, probability: 0.25 },
      ],
    );
  });

  it('orders equal probabilities by index', () =>
    assert.deepEqual(order([0.2, 0.3, 0.2, 0.3]), ['bee', 'dog', 'ant', 'cat']));

  it('returns all if there are fewer classes than topK', () =>
    assert.equal(order([0.1, 0.2, 0.3, 0.4], { topK: 1000 }).length, 4));

  it('leaves out classes below minProbability, not those equal to it', () => {
    assert.deepEqual(order([0.125, 0.5, 0.25, 0.125], { minProbability: 0.25 }), ['bee', 'cat']);
    assert.deepEqual(order([0.125, 0.5, 0.25, 0.125], { minProbability: 1 }), []);
  });
});

/** The predictions of a classifier that ranks the classes in this order. */
const ranked = (...indices: number[]): Prediction[] =>
  indices.map((index, i) => ({ label: `c${index}`, id: '', index, probability: 0.5 ** (i + 1) }));

describe('AccuracyMeter', () => {
  it('counts top-1, top-5, pairs and classes', () => {
    const meter = new AccuracyMeter(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
    meter.add(0, ranked(0, 1, 2, 3, 4)); // right
    meter.add(0, ranked(1, 2, 3, 4, 0)); // fifth
    meter.add(0, ranked(1, 2, 3, 4, 5, 0)); // sixth does not count
    meter.add(2, ranked(3, 2));
    meter.add(6, ranked(6));
    assert.deepEqual(meter.accuracy(), {
      top1: 2 / 5,
      top5: 4 / 5,
      images: 5,
      confusions: [
        { actual: 'c0', predicted: 'c1', count: 2 },
        { actual: 'c2', predicted: 'c3', count: 1 },
      ],
      perClass: [
        { label: 'c0', images: 3, top1: 1 / 3, top5: 2 / 3 },
        { label: 'c2', images: 1, top1: 0, top5: 1 },
        { label: 'c6', images: 1, top1: 1, top5: 1 },
      ],
    });
  });

  it('orders pairs by their count, then by their classes', () => {
    const meter = new AccuracyMeter(Array.from({ length: 12 }, (_, i) => `c${i}`));
    for (const [actual, predicted] of [
      [10, 1],
      [2, 11],
      [2, 3],
      [9, 8],
      [9, 8],
    ] as const)
      meter.add(actual, ranked(predicted));
    const pairs = meter
      .accuracy()
      .confusions.map(({ actual, predicted }) => `${actual} ${predicted}`);
    assert.deepEqual(pairs, ['c9 c8', 'c2 c3', 'c2 c11', 'c10 c1']);
  });

  it('returns zeros, not NaN, without images', () => {
    assert.deepEqual(new AccuracyMeter(['a']).accuracy(), {
      top1: 0,
      top5: 0,
      images: 0,
      confusions: [],
      perClass: [],
    });
  });
});
