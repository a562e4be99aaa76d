/** Parsing and analyzing the text of a network. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paperAlexNet } from 'alexnet-ts';
import { analyze } from './analyze';
import { trainingBudget } from './trainingBudget';
import { parseLayers } from './parseLayers';
import { presets, textOf } from './presets';

const problemsOf = (text: string, inputSize = 64) =>
  analyze(text, inputSize).problems.map(({ line, message }) => `${line}: ${message}`);

describe('parseLayers', () => {
  it('parses names, types and options, in braces or as in a call', () => {
    const { layers, problems } = parseLayers(
      'conv1: conv2d { filters: 96, size: 11, stride: 4 } // a comment\n\n# another\nrelu\nrelu\nnorm1: lrn({ alpha: 1e-4, beta: .75 }),\nc: conv2d { filters: 2, size: 3, pad: { right: 3, bottom: 3, }, }',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(layers, [
      { line: 1, name: 'conv1', type: 'conv2d', options: { filters: 96, size: 11, stride: 4 } },
      { line: 4, name: 'relu', type: 'relu', options: {} },
      { line: 5, name: 'relu2', type: 'relu', options: {} },
      { line: 6, name: 'norm1', type: 'lrn', options: { alpha: 1e-4, beta: 0.75 } },
      {
        line: 7,
        name: 'c',
        type: 'conv2d',
        options: { filters: 2, size: 3, pad: { right: 3, bottom: 3 } },
      },
    ]);
  });

  it('describes syntax errors', () => {
    const wrong = [
      '1: relu',
      'conv2d { filters 3 }',
      'conv2d { filters: 3',
      'a: relu\na: tanh',
      'lrn { k: 1, k: 2 }',
      'relu relu',
      'lrn { type: 3 }',
    ];
    assert.deepEqual(
      wrong.map((text) => parseLayers(text).problems[0]?.message),
      [
        'The layer must be a word of letters and digits, but found “1: relu”.',
        'After “filters”, “:” and a number must follow, but found “3 }”.',
        'After “filters”, “,” or “}” must follow, but the line ends.',
        'The name “a” is already used in line 1. Choose another name.',
        '“k” is given twice.',
        'After relu, its options must follow in braces, as in “pool1: maxPool { size: 3, stride: 2 }”, but found “relu”.',
        '“type” is not an option. Start the line with “name: type”.',
      ],
    );
  });

  it('executes nothing', () => {
    assert.match(
      problemsOf('alert(1)')[0]!,
      /^1: Code is not executed\. Options must be numbers in braces: alert \{ … \}/,
    );
    assert.match(
      problemsOf('fc: dense { units: fetch("x") }')[0]!,
      /“units” must be a number, but found “fetch/,
    );
    for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      assert.match(problemsOf(type)[0]!, /is not a type of layer\./);
    for (const option of ['constructor', '__proto__', 'valueOf']) {
      assert.match(
        problemsOf(`relu { ${option}: { filters: 1 } }`)[0]!,
        new RegExp(`relu: unknown option "${option}"`),
      );
    }
    assert.equal(({} as { filters?: number }).filters, undefined);
  });
});

describe('analyze', () => {
  it('names the line of an invalid layer and keeps the rows before it', () => {
    const { rows, problems, net } = analyze(
      'conv1: conv2d { filters: 8, size: 5 }\nflatten\npool1: maxPool { size: 3, stride: 2 }\nfc: dnse { units: 4 }',
      32,
    );
    assert.deepEqual(
      rows.map(({ line, name, outputShape }) => ({ line, name, outputShape })),
      [
        { line: 1, name: 'conv1', outputShape: [28, 28, 8] },
        { line: 2, name: 'flatten', outputShape: [6272] },
      ],
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 4],
    );
    assert.match(
      problems[0]!.message,
      /^pool1: maxPool: the input must be a feature map, height × width × channels, got 6272\./,
    );
    assert.match(problems[1]!.message, /"dnse" is not a type of layer\. Did you mean "dense"\?/);
    assert.equal(net, undefined);
  });

  it('suggests the correct option', () => {
    assert.match(
      problemsOf('conv2d { filter: 8, size: 5 }')[0]!,
      /conv2d: unknown option "filter"\. Did you mean "filters"\?/,
    );
    assert.match(problemsOf('')[0]!, /^1: Add at least one layer\./);
  });

  it('computes parameters and cost of the presets', () => {
    const totals = Object.fromEntries(
      Object.entries(presets).map(([key, { text, inputSize }]) => {
        const { parameters, multiplyAdds, problems } = analyze(text, inputSize);
        assert.deepEqual(problems, []);
        return [key, [parameters, multiplyAdds]];
      }),
    );
    assert.deepEqual(totals.paper, [60_965_224, 724_406_816]);
    assert.deepEqual(totals.caffeNet, [60_965_224, 724_406_816]);
    assert.equal(totals.torchvision![0], 61_100_840);
    assert.equal(totals.oneTower![0], 62_378_344); // plus 1,413,120 weights between the towers
  });

  it('writes a network that parses to the same network', () => {
    const net = paperAlexNet(7, { inputSize: 224, lrn: { k: 1 } });
    assert.deepEqual(analyze(textOf(net), 224).net!.toJSON(), net.toJSON());
  });
});

describe('trainingBudget', () => {
  const plan = { classes: 4, pictures: 76, batchSize: 16, seconds: 60 };
  const of = (text: string, inputSize: number) => trainingBudget(analyze(text, inputSize), plan);

  it('accepts the small network, and says why others cannot be trained', () => {
    assert.equal(of(presets.small!.text, 64).fits, true);
    assert.match(
      of(presets.paper!.text, 227).message,
      /^Too large to train in 60 seconds: with 724 M multiply-adds/,
    );
    assert.match(
      of('flatten\nfc1: dense { units: 4000 }\nfc: dense { units: 4 }', 64).message,
      /^Too large to train in a tab: weights, gradients and activations need about \d+ MB/,
    );
    assert.match(
      of('flatten\nfc: dense { units: 10 }', 32).message,
      /^The last layer must have 4 outputs, one per class, but fc has 10\./,
    );
    assert.match(of('relu', 32).message, /relu has 32 × 32 × 3\./);
    assert.match(of('rel', 32).message, /Fix the errors above/);
  });
});
