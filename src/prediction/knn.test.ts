/** knn: predictions after one example per class, saving and restoring, and errors. */
import { OptionsError } from '../errors';
import { tensorCount } from '../../test/support/backends';
import { formula } from '../../test/support/formula';
import { picture, pictures, tinyModel, type TinyModel } from '../../test/support/tinyModel';
import { knn, type KnnJSON } from './knn';

describe('knn', () => {
  let model: TinyModel;
  const options = { layer: 'fc2' };

  beforeAll(async () => {
    model = await tinyModel('cpu');
  });
  afterAll(() => model.dispose());

  it('classifies after one example of each class, and is certain of the examples', async () => {
    const pets = knn<'cat' | 'dog'>(model, options);
    await pets.add('cat', picture(0));
    expect(await pets.classify(picture(5))).toEqual([
      { label: 'cat', id: 'cat', index: 0, probability: 1 },
    ]);
    await pets.add('dog', picture(1));
    for (const [i, label] of (['cat', 'dog'] as const).entries()) {
      const [best, other] = await pets.classify(picture(i));
      expect(best!.label).toBe(label);
      expect(best!.probability).toBeCloseTo(1 / (1 + Math.exp(-4)), 4); // distances 0 and the farthest
      expect(best!.probability + other!.probability).toBeCloseTo(1, 6);
    }
  });

  it('weights the votes of the k nearest by distance', async () => {
    for (const distance of ['cosine', 'euclidean'] as const) {
      const mine = knn(model, { ...options, k: 2, distance });
      for (let i = 0; i < 4; i++) await mine.add(`class ${i}`, picture(i));
      const [query, ...features] = await model.embed([picture(9), ...pictures(4)], options);
      const direction = (v: Float32Array) =>
        distance === 'cosine' ? v.map((x) => x / Math.hypot(...v)) : v;
      const squared = features.map((own) =>
        direction(own).reduce((sum, x, j) => sum + (x - direction(query!)[j]!) ** 2, 0),
      );
      const [first, second] = squared.map((d, i) => ({ d, i })).sort((a, b) => a.d - b.d) as [
        { d: number; i: number },
        { d: number; i: number },
      ];
      const votes = [Math.exp((-4 * first.d) / second.d), Math.exp(-4)];
      const answer = await mine.classify(picture(9));
      expect(answer.slice(0, 2).map(({ label }) => label)).toEqual([
        `class ${first.i}`,
        `class ${second.i}`,
      ]);
      expect(answer[0]!.probability).toBeCloseTo(votes[0]! / (votes[0]! + votes[1]!), 4);
      expect(answer.slice(2).map(({ probability }) => probability)).toEqual([0, 0]);
    }
  });

  it('counts examples, accepts arrays, and removes classes', async () => {
    const mine = knn(model, options);
    await mine.add('a', pictures(3));
    await mine.add('b', [picture(5)]);
    expect([mine.labels, mine.counts as object]).toEqual([['a', 'b'], { a: 3, b: 1 }]);
    const answers = await mine.classify([picture(0), picture(5)], { topK: 1 });
    expect(answers.map(([best]) => best!.label)).toEqual(['a', 'b']);
    expect([mine.remove('a'), mine.remove('a')]).toEqual([true, false]);
    expect(mine.counts as object).toEqual({ b: 1 });
  });

  it('adds no image if one cannot be read', async () => {
    const mine = knn(model, options);
    await expectAsync(mine.add('a', [picture(0), new Blob(['no'])])).toBeRejectedWithError(
      /^image 1: /,
    );
    expect(mine.labels).toEqual([]);
  });

  it('is restored from JSON for the same model only', async () => {
    const mine = knn(model, { ...options, k: 3, distance: 'euclidean' });
    await mine.add('a', pictures(2));
    await mine.add('b', picture(7));
    const json = JSON.parse(JSON.stringify(mine)) as KnnJSON;
    const again = knn.from(model, json);
    expect([again.k, again.distance, again.layer, again.counts as object]).toEqual([
      3,
      'euclidean',
      'fc2',
      { a: 2, b: 1 },
    ]);
    const [before, after] = [await mine.classify(picture(4)), await again.classify(picture(4))];
    expect(after.map(({ label }) => label)).toEqual(before.map(({ label }) => label));
    after.forEach(({ probability }, i) =>
      expect(probability).toBeCloseTo(before[i]!.probability, 2),
    );

    const refuse = (changed: object, text: RegExp) =>
      expect(() => knn.from(model, { ...json, ...changed })).toThrowError(OptionsError, text);
    refuse(
      { model: { hash: 'f'.repeat(64), trained: [] } },
      /the model must be the one that computed the examples/,
    );
    refuse({ format: 'knn' }, /json must be the result of toJSON\(\)/);
    refuse(
      { examples: [{ label: 'a', features: 'AAAA' }] },
      /example 0 must have a label and 5 features, got "a" and 1\./,
    );
  });

  it('rejects invalid options, and calls before the first example', async () => {
    expect(() => knn(model)).toThrowError(
      OptionsError,
      /^knn: "fc7" is not a layer of this network\. Did you mean "fc2"\?/,
    );
    expect(() => knn(model, { ...options, k: 0 })).toThrowError(
      OptionsError,
      'knn: k must be an integer of at least 1, got 0.',
    );
    expect(() => knn(model, { ...options, distance: 'l1' as never })).toThrowError(
      OptionsError,
      /'cosine' or 'euclidean'/,
    );
    await expectAsync(knn(model, options).classify(picture())).toBeRejectedWithError(
      OptionsError,
      /there must be at least one example/,
    );
    await expectAsync(knn(model, options).add(' ', picture())).toBeRejectedWithError(
      OptionsError,
      /label must be a non-empty string/,
    );
  });

  it('holds no tensors, and no examples after dispose', async () => {
    const before = tensorCount();
    const mine = knn(model, options);
    await mine.add('a', pictures(2));
    await mine.classify(picture());
    mine.dispose();
    expect(tensorCount()).toBe(before);
    expect(mine.labels).toEqual([]);
    await expectAsync(mine.classify(picture())).toBeRejectedWithError(
      OptionsError,
      /it was disposed/,
    );
  });

  it('is as accurate for images that differ in brightness, with cosine distance', async () => {
    const bright = (factor: number) =>
      new ImageData(
        Uint8ClampedArray.from(formula('picture 3', 30 * 24 * 4, 128 * factor, 128)),
        30,
        24,
      );
    const mine = knn(model, options);
    await mine.add('three', picture(3));
    await mine.add('four', picture(4));
    expect((await mine.classify(bright(0.9)))[0]!.label).toBe('three');
  });
});
