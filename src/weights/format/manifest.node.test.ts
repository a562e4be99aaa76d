/** checkManifest: reports each defect of model.json, alone and together. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { WeightsError } from '../../errors';
import { tinySet } from '../../../test/support/tinySet';
import { checkManifest } from './checkTuning';
import { type Manifest } from './manifest';

/** A manifest of unknown content. */
type Loose = { -readonly [Key in keyof Manifest]: Manifest[Key] } & Record<string, unknown>;
type Fields = Record<string, unknown>;

let good: string;
before(
  async () =>
    void (good = JSON.stringify((await tinySet({ as: 'uint8', maxShardBytes: 600 })).manifest)),
);

/** Returns the problems of the tiny set's manifest after `change`. */
function problemsAfter(change: (manifest: Loose) => unknown): readonly string[] {
  const manifest = JSON.parse(good) as Loose;
  change(manifest);
  try {
    checkManifest(manifest, 'tiny');
    return [];
  } catch (error) {
    assert.ok(error instanceof WeightsError, `a WeightsError, not ${String(error)}`);
    assert.equal(error.where, 'tiny');
    return error.problems;
  }
}

const record = (value: unknown): Fields => value as Fields;
const layers = (manifest: Loose): Fields[] => manifest.network.layers as Fields[];
const entries = (manifest: Loose): Fields[] =>
  manifest.weightsManifest[0]!.weights as unknown as Fields[];
const entry = (manifest: Loose, name: string): Fields =>
  entries(manifest).find((one) => one.name === name)!;
const shard = (manifest: Loose, i: number): Fields => record(manifest.shards[i]);

/** Tests that `change` causes exactly these problems. */
function finds(
  what: string,
  change: (manifest: Loose) => unknown,
  ...expected: (string | RegExp)[]
) {
  it(`reports ${what}`, () => {
    const problems = problemsAfter(change);
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const [i, text] of expected.entries()) {
      if (typeof text === 'string') assert.equal(problems[i], text);
      else assert.match(problems[i]!, text);
    }
  });
}

describe('checkManifest: values that are not manifests', () => {
  for (const [what, json, got] of [
    ['an array', [1, 2], 'an array of length 2'],
    ['null', null, 'null'],
    ['a string', 'model', '"model"'],
    ['undefined', undefined, 'undefined'],
  ] as const) {
    it(`rejects ${what}`, () => {
      assert.throws(
        () => checkManifest(json, 'x'),
        new WeightsError('x', [`a manifest must be a JSON object, got ${got}.`]),
      );
    });
  }

  it("rejects TensorFlow.js' own model.json, and names its format", () => {
    const text =
      'not a manifest of alexnet-ts: its "format" is undefined. It looks like a model.json of TensorFlow.js; convert it first.';
    assert.throws(
      () => checkManifest({ modelTopology: {}, weightsManifest: [] }, 'x'),
      new WeightsError('x', [text]),
    );
  });

  it('rejects a graph model of TensorFlow.js, whose format field differs', () => {
    assert.throws(
      () => checkManifest({ format: 'graph-model', modelTopology: {} }, 'x'),
      /its "format" is "graph-model"\. It looks like .* TensorFlow\.js/,
    );
  });

  it('rejects an unrelated object', () => {
    const text =
      'not a manifest of alexnet-ts: its "format" is undefined. Point to the model.json of a set.';
    assert.throws(() => checkManifest({}, 'x'), new WeightsError('x', [text]));
  });

  finds(
    'a later format',
    (m) => (record(m).formatVersion = 3),
    'formatVersion must be 1 or 2, got 3. Update alexnet-ts.',
  );
});

describe('checkManifest: network, labels, preprocessing', () => {
  it('accepts what writeSet writes', () =>
    assert.deepEqual(
      problemsAfter(() => {}),
      [],
    ));

  finds(
    'an unknown layer',
    (m) => (layers(m)[1]!.type = 'rellu'),
    /^relu1: "rellu" is not a type of layer\. Did you mean "relu"\? Known: /,
  );
  finds(
    'an unknown option',
    (m) => (layers(m)[0]!.strides = 2),
    /^conv1: conv2d: unknown option "strides"\. Did you mean "stride"\? Known: /,
  );
  finds(
    'two layers with the same name',
    (m) => (layers(m)[1]!.name = 'conv1'),
    'network: names of layers must be unique, got "conv1" twice.',
  );
  finds(
    'a network that is not an object',
    (m) => (record(m).network = 'alexnet'),
    /^network: a network must be \{ "type": "sequential".* got "alexnet"\.$/,
  );
  finds(
    'a network without inputShape',
    (m) => delete m.network.inputShape,
    /^sequential: the shape of the input must be known\./,
  );
  finds('a layer too large for its input', (m) => (layers(m)[0]!.size = 17), /^conv1: /);
  finds(
    'a network whose output is not a vector',
    (m) => {
      layers(m).splice(3, 2);
      m.weightsManifest[0]!.weights = entries(m).filter(
        ({ name }) => !String(name).startsWith('fc2'),
      ) as never;
    },
    /^network: must end in a vector with one score per class, got 6 × 6 × 8\./,
    /^the shards must hold /,
  );

  finds(
    'too few labels',
    (m) => (m.labels = m.labels.slice(1)),
    'labels must have one entry for each of the 5 classes, got 4.',
  );
  finds(
    'labels that are not a list',
    (m) => (record(m).labels = { 0: 'ant' }),
    'labels must be a list of { "label", "id" }, got an object with 0.',
  );
  finds(
    'every malformed label, and the wrong count',
    (m) => (record(m).labels = ['ant', { label: 'bee', id: 'b' }, { label: 'cat' }]),
    'labels[0] must be { "label": string, "id": string }, got "ant".',
    'labels[2] must be { "label": string, "id": string }, got {"label":"cat"}.',
    'labels must have one entry for each of the 5 classes, got 3.',
  );
  finds(
    'two classes with the same id',
    (m) => (record(m.labels[3]).id = m.labels[1]!.id),
    'labels[3].id must be unique, got "n00000001" as in labels[1].',
  );
  it('accepts two classes with the same name: ImageNet has two cranes', () => {
    assert.deepEqual(
      problemsAfter((m) => (record(m.labels[3]).label = m.labels[1]!.label)),
      [],
    );
  });

  finds(
    'preprocessing that is not an object',
    (m) => (record(m).preprocessing = 5),
    'preprocessing must be an object, got 5.',
    ...['resize', 'crop', 'inputSize'].map(
      (side) => `preprocessing.${side} must be an integer from 1 to 8192 (pixels), got undefined.`,
    ),
    'preprocessing.mean must be three numbers (red, green, blue; 0..255), got undefined.',
  );
  finds(
    'every malformed member of preprocessing',
    (m) =>
      (record(m).preprocessing = {
        resize: 0,
        crop: 16.5,
        inputSize: 1e9,
        mean: [1, 2],
        std: [1, 0, 1],
      }),
    /^preprocessing\.resize .* got 0\.$/,
    /^preprocessing\.crop .* got 16\.5\.$/,
    /^preprocessing\.inputSize .* got 1000000000\.$/,
    /^preprocessing\.mean .* got an array of length 2\.$/,
    /^preprocessing\.std .* got an array of length 3\.$/,
  );
  finds(
    'a crop larger than the image',
    (m) => (m.preprocessing.crop = 21),
    'preprocessing.crop must be at most resize = 20, got 21.',
  );
  finds(
    'preprocessing for another network',
    (m) => (m.preprocessing.inputSize = 227),
    "preprocessing must fit the network's input 16 × 16 × 3, got 227 × 227 × 3.",
  );
  finds(
    'a missing name and variant',
    (m) => (delete record(m).name, (record(m).variant = 1)),
    'name must be a string, got undefined.',
    'variant must be a string, got 1.',
  );
});

describe('checkManifest: tensors', () => {
  finds(
    'a missing tensor',
    (m) => entries(m).splice(entries(m).indexOf(entry(m, 'conv1/bias')), 1),
    'conv1/bias: must be stored with the shape 8, got none.',
    /^the shards must hold \d+ bytes in total, got \d+\.$/,
  );
  finds(
    'an unexpected tensor',
    (m) => entries(m).push({ name: 'fc3/bias', shape: [1], dtype: 'float32' }),
    'fc3/bias: the network has no such parameter.',
    /^the shards must hold \d+ bytes in total, got (\d+)\.$/,
  );
  finds(
    'a tensor with another shape of the same size',
    (m) => (entry(m, 'fc2/kernel').shape = [144, 10]),
    'fc2/kernel: shape must be 288 × 5, got 144 × 10.',
    'fc2/kernel: channelScale must name a float32 tensor of 10 values, got "fc2/kernel/scale".',
  );
  finds(
    'a transposed bias',
    (m) => (entry(m, 'fc2/bias').shape = [1, 5]),
    'fc2/bias: shape must be 5, got 1 × 5.',
  );
  finds(
    'a tensor that is listed twice',
    (m) => entries(m).push(structuredClone(entry(m, 'fc2/bias'))),
    'fc2/bias: must be listed once in weightsManifest, got it twice.',
    /^the shards must hold /,
  );
  finds(
    'a malformed shape',
    (m) => (entry(m, 'fc2/bias').shape = [5, -1]),
    'fc2/bias: shape must be a list of positive integers, got [5,-1].',
  );
  finds(
    'another dtype',
    (m) => (entry(m, 'fc2/bias').dtype = 'int32'),
    'fc2/bias: dtype must be float32, got "int32".',
  );
  finds(
    'a tensor without a name',
    (m) => entries(m).push({ shape: [2] }),
    'a tensor must have a name, got {"shape":[2]}.',
  );
  finds(
    'quantization to two bits',
    (m) => (record(entry(m, 'fc2/kernel').quantization).dtype = 'uint2'),
    'fc2/kernel: quantization.dtype must be uint4, uint8, uint16 or float16, got "uint2".',
  );
  finds(
    'a quantization scale that is not a number',
    (m) => (record(entry(m, 'fc2/kernel').quantization).scale = null),
    'fc2/kernel: quantization must have a finite scale and min.',
  );
  finds(
    'a channelScale that names no tensor',
    (m) => (record(entry(m, 'fc2/kernel').quantization).channelScale = 'fc2/steps'),
    'fc2/kernel/scale: the network has no such parameter.',
    'fc2/kernel: channelScale must name a float32 tensor of 5 values, got "fc2/steps".',
  );
  finds(
    'a parameter that is also used as channelScale',
    (m) => (record(entry(m, 'fc2/kernel').quantization).channelScale = 'fc2/bias'),
    'fc2/kernel/scale: the network has no such parameter.',
    'fc2/kernel: channelScale must not name a parameter of the network, got "fc2/bias".',
  );
  finds(
    'a malformed weightsManifest',
    (m) => (record(m).weightsManifest = [{ weights: [] }]),
    'weightsManifest must be a list of { "paths": [ … ], "weights": [ … ] }, got an array of length 1.',
  );
});

describe('checkManifest: several defects', () => {
  it('lists five defects in one error, each once', () => {
    const problems = problemsAfter((m) => {
      m.labels = m.labels.slice(2);
      m.preprocessing = { ...m.preprocessing, crop: 300 };
      entry(m, 'fc2/bias').shape = [1, 5];
      shard(m, 0).sha256 = 'abc';
      record(m).name = 7;
    });
    assert.deepEqual(problems.map((text) => text.slice(0, 48)).sort(), [
      'fc2/bias: shape must be 5, got 1 × 5.'.slice(0, 48),
      'labels must have one entry for each of the 5 classes, got 3.'.slice(0, 48),
      'name must be a string, got 7.',
      'preprocessing.crop must be at most resize = 20, got 300.'.slice(0, 48),
      'shards[0] must have path, bytes, sha256 (64 hexadecimal digits)'.slice(0, 48),
    ]);
  });

  it('counts the problems in the message, with one per line', () => {
    const error = new WeightsError('set', ['first.', 'second.']);
    assert.equal(error.message, 'set: 2 problems.\n  - first.\n  - second.');
    assert.equal(new WeightsError('set', ['only.']).message, 'set: only.');
  });
});
