/** The mean of several models' probabilities, and which models cannot be averaged. */
import { OptionsError } from '../errors';
import { Model } from '../model/model';
import { picture, pictures, tinyModel, type TinyModel } from '../../test/support/tinyModel';
import { formula } from '../../test/support/formula';
import { ensemble } from './ensemble';
import type { Prediction } from './topK';

describe('ensemble', () => {
  let a: TinyModel;
  let b: TinyModel;

  beforeAll(async () => {
    a = await tinyModel('cpu');
    b = await tinyModel('cpu', {
      values: (name, count) =>
        formula(`other.${name}`, count, name.startsWith('conv1') ? 0.05 : 0.01),
    });
  });
  afterAll(() => {
    a.dispose();
    b.dispose();
  });

  const byIndex = (predictions: readonly Prediction[]) =>
    [...predictions].sort((x, y) => x.index - y.index).map(({ probability }) => probability);

  it('returns the mean probabilities, best first, up to topK', async () => {
    const both = ensemble([a, b]);
    const [ours, theirs] = [
      byIndex(await a.classify(picture())),
      byIndex(await b.classify(picture())),
    ];
    expect(ours).not.toEqual(theirs);
    const answer = await both.classify(picture());
    byIndex(answer).forEach((probability, i) =>
      expect(probability).toBeCloseTo((ours[i]! + theirs[i]!) / 2, 6),
    );
    expect(answer.map(({ probability }) => probability)).toEqual(
      answer.map(({ probability }) => probability).sort((x, y) => y - x),
    );
    expect((await both.classify(picture(), { topK: 2 })).length).toBe(2);
    expect(await both.classify(pictures(3))).toEqual([
      await both.classify(picture(0)),
      await both.classify(picture(1)),
      await both.classify(picture(2)),
    ]);
    expect(both.labels).toEqual(['ant', 'bee', 'cat', 'dog', 'elk']);
  });

  it('passes the options on', async () => {
    const both = ensemble([a, b]);
    expect(await both.classify(picture(), { crops: 'ten' })).not.toEqual(
      await both.classify(picture()),
    );
    await expectAsync(both.classify(picture(), { topK: 0 })).toBeRejectedWithError(
      OptionsError,
      /topK must be an integer of at least 1, got 0/,
    );
    const reason = new Error('enough');
    await expectAsync(
      both.classify(picture(), { signal: AbortSignal.abort(reason) }),
    ).toBeRejectedWith(reason);
  });

  it('averages by label if the models order them differently', async () => {
    const { net, classes, preprocessing, backend, tensors, engine } = b.internals('test');
    const turned = {
      name: 'turned',
      net,
      preprocessing,
      backend,
      classes: [...classes].reverse(),
      tensors: { ...tensors },
      engine,
    };
    const other = new Model<(typeof a.labels)[number]>(turned);
    const answer = await ensemble([a, other]).classify(picture());
    const [ours, theirs] = [
      byIndex(await a.classify(picture())),
      byIndex(await b.classify(picture())).reverse(),
    ];
    byIndex(answer).forEach((probability, i) =>
      expect(probability).toBeCloseTo((ours[i]! + theirs[i]!) / 2, 6),
    );
  });

  it('rejects models of other classes, and values that are not models', () => {
    const { net, preprocessing, backend, tensors, engine } = b.internals('test');
    const classes = ['ant', 'bee', 'cat', 'dog', 'fox'].map((label) => ({ label, id: label }));
    const parts = { name: 'other', net, preprocessing, backend, classes, tensors: { ...tensors } };
    const other = new Model({ ...parts, engine });
    expect(() => ensemble<string>([a, b, other])).toThrowError(
      OptionsError,
      'ensemble: all models must have the same classes, got model 2 without "elk" and with "fox", unlike model 0. Leave it out.',
    );
    expect(() => ensemble([])).toThrowError(
      OptionsError,
      'ensemble: models must be a list of models, got an array of length 0.',
    );
    expect(() => ensemble([a, {} as never])).toThrowError(OptionsError, /got an empty object/);
    expect(() => ensemble(a as never)).toThrowError(OptionsError, /got a Model/);
  });
});
