/** All forms of labeled images, and errors. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import { checkDataset, toDataset, type Dataset, type DatasetInput } from './dataset';

const bytes = (...values: number[]) => Uint8Array.from(values);
const refusal = (input: unknown, options = {}) =>
  toDataset(input as DatasetInput, options).then(
    () => assert.fail('it was not refused'),
    (error: Error) => (assert.ok(error instanceof OptionsError), error.message),
  );

describe('toDataset', () => {
  it('accepts { label: images }, with classes in the order of the keys', async () => {
    const { classes, examples, problems } = await toDataset({
      dog: ['a.jpg'],
      cat: new Set([bytes(1), 'b.jpg']),
    });
    assert.deepEqual(classes, ['dog', 'cat']);
    assert.deepEqual(
      examples.map(({ label, name }) => [label, name]),
      [
        [0, 'a.jpg'],
        [1, 'cat 0'],
        [1, 'b.jpg'],
      ],
    );
    assert.deepEqual(problems, []);
  });

  it('accepts lists and streams of { image, label }, with classes as they first appear', async () => {
    const list = [
      { image: 'x.jpg', label: 'elk' },
      { image: 'y.jpg', label: 'ant', name: 'the ant' },
      { image: 'z.jpg', label: 'elk' },
    ] as const;
    const expected = {
      classes: ['elk', 'ant'],
      examples: [
        { image: 'x.jpg', label: 0, name: 'x.jpg' },
        { image: 'y.jpg', label: 1, name: 'the ant' },
        { image: 'z.jpg', label: 0, name: 'z.jpg' },
      ],
      problems: [],
    };
    async function* stream() {
      yield* list;
    }
    assert.deepEqual(await toDataset(list), expected);
    assert.deepEqual(await toDataset(stream()), expected);
    assert.deepEqual(await toDataset(new Set(list)), expected);
  });

  it('returns a dataset unchanged, even one whose labels are "classes" and "examples"', async () => {
    const dataset: Dataset = {
      classes: ['a', 'b'],
      examples: [0, 1].map((label) => ({ image: bytes(1), label })),
      problems: [],
    };
    assert.equal(await toDataset(dataset), dataset);
    assert.deepEqual(
      (await toDataset({ classes: ['a.jpg'], examples: ['b.jpg'] } as Record<string, string[]>))
        .classes,
      ['classes', 'examples'],
    );
  });

  it('keeps the first of images with the same bytes, and lists the others', async () => {
    const { examples, problems } = await toDataset({
      cat: [bytes(1, 2, 3), new File([bytes(9)], 'nine.png'), bytes(1, 2, 3)],
      dog: [new File([bytes(1, 2, 3)], 'twin.png'), bytes(3, 2, 1), 'same.jpg', 'same.jpg'],
    });
    assert.deepEqual(
      examples.map(({ name }) => name),
      ['cat 0', 'nine.png', 'dog 1', 'same.jpg', 'same.jpg'],
    );
    assert.deepEqual(problems, [
      { name: 'cat 2', error: 'has the same bytes as cat 0. Left out.' },
      {
        name: 'twin.png',
        error:
          'has the same bytes as cat 0 of the class "cat", so one of the two labels is wrong. Left out.',
      },
    ]);
  });

  it('says what is wrong', async () => {
    assert.equal(
      await refusal(undefined),
      'dataset: images must be { label: images }, a list or stream of { image, label }, or a dataset, got undefined.',
    );
    assert.match(
      await refusal({}, { where: 'fineTune' }),
      /^fineTune: images must be .+ got an empty object\.$/,
    );
    assert.match(await refusal(bytes(1)), /got a Uint8Array\.$/);
    assert.match(
      await refusal({ cat: 'a.jpg', dog: 'b.jpg' }),
      /the class "cat" must be a list of images, got "a\.jpg"\./,
    );
    assert.match(
      await refusal({ cat: bytes(1) }),
      /the class "cat" must be a list of images, got a Uint8Array\./,
    );
    assert.match(
      await refusal([{ image: 'a.jpg' }]),
      /entry 0 of a list must be \{ image, label \} with a string as label, got an object with image\./,
    );
    assert.match(await refusal([{ image: 'a.jpg', label: 3 }]), /got 3\./);
    assert.match(await refusal([]), /there must be images, got none\. Pass some of each class\.$/);
    assert.equal(
      await refusal({ cat: ['a.jpg'], dog: [] }),
      'dataset: each class must have images, the class "dog" has none. Add some, or leave the class out.',
    );
    assert.equal(
      await refusal({ Cat: ['a.jpg'], 'cat ': ['b.jpg'] }),
      'dataset: labels must differ in more than case or blanks, got "Cat" and "cat ". Give their images one label.',
    );
    assert.match(await refusal({ '': ['a.jpg'] }), /a label must be a string, got ""\./);
    assert.match(
      await refusal({ cat: [bytes(1)], dog: [bytes(1)] }),
      /the class "dog" has none\. .+ 1 were left out: dog 0: has the same bytes as cat 0 of the class "cat"/,
    );
  });

  it('requires minClasses classes', async () => {
    assert.deepEqual((await toDataset({ cat: ['a.jpg'] })).classes, ['cat']);
    assert.equal(
      await refusal({ cat: ['a.jpg'] }, { where: 'fineTune', minClasses: 2 }),
      'fineTune: there must be images of 2 classes or more, got 1: cat. Add images of another class.',
    );
  });

  it('lists everything that is wrong with a dataset', () => {
    const examples = [
      { image: 'a.jpg', label: 2 },
      { image: 'b.jpg', label: 0 },
    ];
    assert.throws(() => checkDataset({ classes: ['a', 'a'], examples, problems: [] }, 'here'), {
      message:
        'here: labels must be unique, got "a" twice. Put its images together. example 0 must have a label from 0 to 1, got 2. ' +
        'each class must have images, the class "a" has none. Add some, or leave the class out.',
    });
  });

  it('stops with the reason of the signal', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    async function* stream() {
      yield { image: 'a.jpg', label: 'a' };
      controller.abort(reason);
      yield { image: 'b.jpg', label: 'b' };
    }
    await assert.rejects(toDataset(stream(), { signal: controller.signal }), reason);
  });
});
