/** Schedules, seeds, splits and class weights. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import { constantRate, plateau, type Schedule } from './schedule';
import { mixedSeed, shuffled } from './seeds';
import { stratifiedSplit, weightsOfClasses } from '../dataset/split';

/** The factor of each epoch, until the schedule ends. */
function factors(schedule: Schedule, errors: readonly number[]): number[] {
  const seen: number[] = [];
  let state = schedule.start();
  for (const error of errors) {
    if (state.done) break;
    seen.push(state.factor);
    state = JSON.parse(JSON.stringify(schedule.next(state, error))) as typeof state; // as a checkpoint keeps it
  }
  return seen;
}

describe('plateau', () => {
  it('divides by ten three times, when the error stops falling, and then ends', () => {
    const still = Array.from({ length: 20 }, () => 0.5);
    assert.deepEqual(
      factors(plateau({ patience: 2 }), still).map((factor) => Number(factor.toPrecision(3))),
      [1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001],
    );
  });

  it('keeps the rate while the error falls', () => {
    assert.deepEqual(
      factors(plateau({ patience: 2 }), [0.5, 0.6, 0.4, 0.45, 0.3, 0.2]),
      [1, 1, 1, 1, 1, 1],
    );
    assert.deepEqual(
      factors(
        plateau({ patience: 1, threshold: 0.1, divisor: 2, times: 1 }),
        [0.5, 0.45, 0.45, 0.45],
      ),
      [1, 1, 0.5],
    );
  });

  it('rejects options out of range', () => {
    assert.throws(
      () => plateau({ divisor: 1 }),
      new OptionsError('plateau: divisor must be a finite number above 1, got 1.'),
    );
    assert.throws(() => plateau({ patience: 0 }), OptionsError);
  });

  it('can be replaced by a constant rate', () =>
    assert.deepEqual(factors(constantRate(), [1, 1, 1]), [1, 1, 1]));
});

describe('seeds', () => {
  it('depend on every number', () => {
    const seeds = [
      mixedSeed(1, 2, 3),
      mixedSeed(1, 2, 4),
      mixedSeed(1, 3, 3),
      mixedSeed(2, 2, 3),
      mixedSeed(1, 2),
      mixedSeed(2, 1, 3),
    ];
    assert.equal(new Set(seeds).size, seeds.length);
    assert.equal(mixedSeed(1, 2, 3), seeds[0]);
  });

  it('shuffle: each index once, in an order that depends on the seed', () => {
    const order = [...shuffled(50, 1)];
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...Array(50).keys()],
    );
    assert.notDeepEqual(order, [...Array(50).keys()]);
    assert.notDeepEqual([...shuffled(50, 2)], order);
    assert.deepEqual([...shuffled(50, 1)], order);
  });
});

describe('stratifiedSplit', () => {
  const classes = [...Array<number>(20).fill(0), ...Array<number>(10).fill(1), 2, 2, 3];

  it('holds out the same fraction of each class, and never all of one', () => {
    const { training, validation } = stratifiedSplit(classes, 0.2, 7);
    const count = (list: number[], index: number) =>
      list.filter((i) => classes[i] === index).length;
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => count(validation, index)),
      [4, 2, 0, 0],
    );
    assert.deepEqual(
      [...training, ...validation].sort((a, b) => a - b),
      [...classes.keys()],
    );
    assert.deepEqual(
      stratifiedSplit([0, 0, 1], 0.99, 1).training.map((i) => [0, 0, 1][i]),
      [0, 1],
    );
  });

  it('depends on the seed only', () => {
    assert.deepEqual(stratifiedSplit(classes, 0.2, 7), stratifiedSplit(classes, 0.2, 7));
    assert.notDeepEqual(stratifiedSplit(classes, 0.2, 7), stratifiedSplit(classes, 0.2, 8));
  });

  it('holds out nothing for a fraction of 0', () =>
    assert.deepEqual(stratifiedSplit(classes, 0, 7).validation, []));
});

describe('weightsOfClasses', () => {
  it('auto: images per class over the average, undefined when all are equal', () => {
    assert.deepEqual(weightsOfClasses('auto', ['a', 'b'], [0, 0, 0, 1]), [4 / 6, 4 / 2]);
    assert.equal(weightsOfClasses('auto', ['a', 'b'], [0, 1]), undefined);
    assert.equal(weightsOfClasses('equal', ['a', 'b'], [0, 0, 1]), undefined);
  });

  it('by label: a mean of 1 over the images, 1 for labels that are not named', () => {
    assert.deepEqual(weightsOfClasses({ a: 3 }, ['a', 'b'], [0, 1]), [1.5, 0.5]);
    assert.throws(
      () => weightsOfClasses({ c: 3 }, ['a', 'b'], [0]),
      /classWeights must name classes, got "c"\. Did you mean "a"\? Known: a, b\./,
    );
  });
});
