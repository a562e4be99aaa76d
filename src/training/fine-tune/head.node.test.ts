/** Features, heads, the loss, and the table of an evaluation. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AccuracyMeter } from '../../prediction/accuracyMeter';
import { formula } from '../../../test/support/formula';
import { evaluation } from '../evaluate';
import { Features, standardOf } from './features';
import { folded, standardized } from './head';
import { measure } from '../loop/loss';

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < b.length; i++)
    assert.ok(Math.abs(a[i]! - b[i]!) <= tolerance, `${i}: ${a[i]}, ${b[i]} expected`);
};

function some(expected = 0): Features {
  const features = new Features(5, expected);
  for (let i = 0; i < 8; i++)
    features.add(i % 2, `picture ${i}`, formula(`features ${i}`, 10, 3, 2));
  return features;
}

describe('standardOf', () => {
  it('centers all views, and scales them to the mean squared length', () => {
    const features = some();
    const { mean, scale } = standardOf(features, [0, 1, 2], 6);
    const sums = new Float64Array(5);
    let squares = 0;
    const view = new Float32Array(5);
    for (const picture of [0, 1, 2]) {
      for (const at of [0, 1]) {
        features.read(picture, at, view);
        view.forEach((value, i) => {
          const own = (value - mean[i]!) * scale;
          sums[i]! += own;
          squares += own * own;
        });
      }
    }
    near(sums, new Float64Array(5), 1e-5);
    assert.ok(Math.abs(squares / 6 - 36) < 1e-4);
  });

  it('does not divide by zero when all features are equal', () => {
    const features = new Features(2);
    features.add(0, 'a', Float32Array.of(1, 2));
    features.add(1, 'b', Float32Array.of(1, 2));
    assert.ok(Number.isFinite(standardOf(features, [0, 1], 6).scale));
  });
});

describe('a head', () => {
  it('computes the same scores from unscaled features, and converts back', () => {
    const standard = standardOf(some(), [0, 1, 2, 3], 6);
    const inner = { kernel: formula('kernel', 15, 1), bias: formula('bias', 3, 1) };
    const plain = folded(inner, standard);
    const x = formula('x', 5, 3);
    const scores = (values: ArrayLike<number>, { kernel, bias }: typeof inner) =>
      Array.from(bias, (b, c) =>
        Array.from(values).reduce((sum, value, i) => sum + value * kernel[i * 3 + c]!, b),
      );
    near(
      scores(x, plain),
      scores(
        x.map((value, i) => (value - standard.mean[i]!) * standard.scale),
        inner,
      ),
      1e-4,
    );
    const back = standardized(plain, standard);
    near(back.kernel, inner.kernel, 1e-5);
    near(back.bias, inner.bias, 1e-5);
  });
});

describe('Features', () => {
  it('draws among the views of an image, or returns the first', () => {
    const features = some();
    const [first, second] = [new Float32Array(5), new Float32Array(5)];
    features.read(3, 0, first);
    features.read(3, 1, second);
    const drawn = features.data([3, 4], { drawn: true });
    assert.deepEqual(drawn.classes, [1, 0]);
    assert.deepEqual(
      drawn.inputs([0], () => 0.9),
      second,
    );
    assert.deepEqual(
      features.data([3], { drawn: false }).inputs([0], () => 0.9),
      first,
    );
  });

  it('take half the memory if there are many, with three significant digits', () => {
    const [whole, half] = [some(), some(1e9)];
    const [a, b] = [new Float32Array(5), new Float32Array(5)];
    whole.read(2, 1, a);
    half.read(2, 1, b);
    assert.notDeepEqual(a, b);
    near(b, a, 5e-3);
    assert.equal(half.rows[0]!.views.byteLength, whole.rows[0]!.views.byteLength / 2);
  });

  it('are renumbered, and joined', () => {
    const features = some().relabeled([undefined, 7]);
    assert.deepEqual(features.classes, [7, 7, 7, 7]);
    assert.equal(some().with(features).rows.length, 12);
  });
});

describe('measure', () => {
  it('is the weighted mean of −log softmax, and the accuracy', () => {
    const scores = Float32Array.of(2, 0, 0, 1); // right by 2, right by 1
    const losses = [Math.log(1 + Math.exp(-2)), Math.log(1 + Math.exp(-1))] as const;
    const { loss, accuracy } = measure(scores, [0, 1], [3, 1]);
    assert.ok(Math.abs(loss - (3 * losses[0] + losses[1]) / 4) < 1e-6);
    assert.equal(accuracy, 1);
    assert.equal(measure(scores, [1, 1]).accuracy, 0.5);
  });

  it('is NaN if a score is NaN', () => {
    assert.ok(Number.isNaN(measure(Float32Array.of(NaN, 0), [1]).loss));
    assert.ok(Number.isNaN(measure(Float32Array.of(Infinity, 0), [0]).loss));
  });
});

describe('evaluation', () => {
  const labels = ['cat', 'dog', 'elk'];
  const meter = new AccuracyMeter(labels);
  const answer = (index: number) =>
    [0, 1, 2]
      .sort((a, b) => Number(b === index) - Number(a === index))
      .map((i) => ({ index: i, label: labels[i]!, id: '', probability: 0 }));
  for (const [actual, predicted] of [
    [0, 0],
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 0],
    [1, 1],
    [1, 1],
  ] as const) {
    meter.add(actual, answer(predicted));
  }
  const result = evaluation(meter, labels, [{ name: 'x.jpg', error: 'broken' }]);

  it('counts precision and recall by class', () => {
    assert.deepEqual(result.matrix, [
      [2, 1, 0],
      [1, 3, 0],
      [0, 0, 0],
    ]);
    assert.deepEqual(result.perClass, [
      { label: 'cat', images: 3, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
      { label: 'dog', images: 4, precision: 3 / 4, recall: 3 / 4, f1: 3 / 4 },
      { label: 'elk', images: 0, precision: 0, recall: 0, f1: 0 },
    ]);
    assert.equal(result.top1, 5 / 7);
  });

  it('is a table as text', () => {
    assert.equal(
      String(result),
      [
        'top-1  71.4 %',
        'top-5  100.0 %',
        '7 images, 1 left out',
        '',
        'class  images  precision  recall      F1',
        'cat         3     66.7 %  66.7 %  66.7 %',
        'dog         4     75.0 %  75.0 %  75.0 %',
        '',
        'actual \\ predicted  cat  dog  elk',
        'cat                   2    1    0',
        'dog                   1    3    0',
        'elk                   0    0    0',
      ].join('\n'),
    );
  });
});
