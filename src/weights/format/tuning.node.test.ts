/** checkManifest: the entries `base` and `tuning` of a tuned model's manifest. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tinyFacts, tinyTensors } from '../../../test/support/tinySet';
import { checkManifest } from './checkTuning';
import { type Manifest } from './manifest';
import { writeSet } from '../save/write';

const hash = 'a'.repeat(64);
const base = { name: 'tiny', hash, layers: ['conv1'] };
const tuning = {
  origin: { base: { name: 'tiny', hash }, trained: ['fc2'] },
  history: [
    {
      epoch: 1,
      epochs: 1,
      factor: 1,
      loss: 0.5,
      accuracy: 1,
      validation: { loss: 0.6, accuracy: 0.5 },
    },
  ],
  recipe: { headRate: 0.01, classWeights: 'auto' as const },
};

/** Returns the manifest of a set that stores only fc2, with some entries changed. */
async function head(changed: object = {}): Promise<Manifest> {
  const tensors = tinyTensors().filter(({ entry }) => entry.name.startsWith('fc2/'));
  const { manifest } = await writeSet({ ...tinyFacts(), base, tuning }, tensors, {
    compress: false,
  });
  return JSON.parse(JSON.stringify({ ...manifest, ...changed })) as Manifest;
}

const problems = async (changed: object) => {
  try {
    checkManifest(await head(changed), 'here');
  } catch (error) {
    return (error as { problems: string[] }).problems;
  }
  return assert.fail('it was accepted');
};

describe('a manifest with a base', () => {
  it('may omit the tensors of the base, and keeps base and tuning', async () => {
    const { base: kept, tuning: record } = checkManifest(await head(), 'here');
    assert.deepEqual([kept, record], [base, tuning]);
  });

  it('is rejected without its base, because tensors are missing', async () => {
    assert.deepEqual(await problems({ base: undefined }), [
      'conv1/kernel: must be stored with the shape 3 × 3 × 3 × 8, got none.',
      'conv1/bias: must be stored with the shape 8, got none.',
    ]);
  });

  it("must not store the base's layers, leave all layers to it, or name unknown layers", async () => {
    assert.deepEqual(await problems({ base: { ...base, layers: ['fc2'] } }), [
      'conv1/kernel: must be stored with the shape 3 × 3 × 3 × 8, got none.',
      'conv1/bias: must be stored with the shape 8, got none.',
      'fc2/kernel: must not be stored, since base.layers has its layer.',
      'fc2/bias: must not be stored, since base.layers has its layer.',
    ]);
    assert.equal(
      (await problems({ base: { ...base, layers: ['conv1', 'fc2'] } }))[0],
      'base.layers must leave at least one layer to this set, got every layer.',
    );
    assert.deepEqual(await problems({ base: { ...base, layers: ['conv1', 'relu1'] } }), [
      'base.layers must name layers with weights, got "relu1".',
    ]);
  });

  it('reports all problems of base and tuning together', async () => {
    const wrong = await problems({
      base: { name: 'tiny', hash: 'abc', layers: ['conv1'] },
      tuning: {
        origin: { base: 'tiny' },
        history: [{ epoch: 1, loss: null, accuracy: 1 }],
        recipe: 5,
      },
    });
    assert.deepEqual(
      wrong.map((problem) => problem.slice(0, 30)),
      [
        'base must be { "name", "hash":',
        'tuning.origin must be { "base"',
        'tuning.history[0] must have ep',
        'tuning.recipe must be an objec',
      ],
    );
    assert.deepEqual(await problems({ tuning: 'none' }), ['tuning must be an object, got "none".']);
    assert.match(
      (await problems({ tuning: { ...tuning, history: 3 } }))[0]!,
      /^tuning\.history must be a list of epochs, got 3\./,
    );
  });
});
