/** The text of a network: what is read, what is refused in words, and that nothing of it is run. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paperAlexNet } from 'alexnet-ts';
import { analyse } from './analyse';
import { budget } from './budget';
import { parse } from './parse';
import { presets, textOf } from './presets';

const problemsOf = (text: string, inputSize = 64) =>
  analyse(text, inputSize).problems.map(({ line, message }) => `${line}: ${message}`);

describe('parse', () => {
  it('reads names, types and options, in braces or as a call would have them', () => {
    const { layers, problems } = parse(
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

  it('says what it misses, line by line', () => {
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
      wrong.map((text) => parse(text).problems[0]?.message),
      [
        'A layer is a word of letters and digits, but there is “1: relu”.',
        'Behind “filters” comes “:” and a number, but there is “3 }”.',
        'Behind “filters” comes “,” or “}”, but the line ends.',
        'Line 1 is called “a” already. Give this one another name.',
        '“k” is given twice.',
        'Behind relu come its options in braces, as in “pool1: maxPool { size: 3, stride: 2 }”, but there is “relu”.',
        '“type” is no option: the line begins “name: type”.',
      ],
    );
  });

  it('runs nothing', () => {
    assert.match(
      problemsOf('alert(1)')[0]!,
      /^1: Nothing is run here: options are numbers in braces, alert \{ … \}/,
    );
    assert.match(
      problemsOf('fc: dense { units: fetch("x") }')[0]!,
      /“units” is a number, but there is “fetch/,
    );
    for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      assert.match(problemsOf(type)[0]!, /is not a type of layer\./);
    for (const option of ['constructor', '__proto__', 'valueOf']) {
      assert.match(
        problemsOf(`relu { ${option}: { filters: 1 } }`)[0]!,
        new RegExp(`relu has no option "${option}"`),
      );
    }
    assert.equal(({} as { filters?: number }).filters, undefined);
  });
});

describe('analyse', () => {
  it('names the line of what does not fit, and keeps the rows before it', () => {
    const { rows, problems, net } = analyse(
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
      /^pool1: maxPool needs a feature map, height × width × channels, got 6272\./,
    );
    assert.match(problems[1]!.message, /"dnse" is not a type of layer\. Did you mean "dense"\?/);
    assert.equal(net, undefined);
  });

  it('suggests the option that was meant', () => {
    assert.match(
      problemsOf('conv2d { filter: 8, size: 5 }')[0]!,
      /conv2d has no option "filter"\. Did you mean "filters"\?/,
    );
    assert.match(problemsOf('')[0]!, /^1: A network has at least one layer\./);
  });

  it('has the numbers of the paper and of its variants for the presets', () => {
    const totals = Object.fromEntries(
      Object.entries(presets).map(([key, { text, inputSize }]) => {
        const { parameters, multiplyAdds, problems } = analyse(text, inputSize);
        assert.deepEqual(problems, []);
        return [key, [parameters, multiplyAdds]];
      }),
    );
    assert.deepEqual(totals.paper, [60_965_224, 724_406_816]);
    assert.deepEqual(totals.caffeNet, [60_965_224, 724_406_816]);
    assert.equal(totals.torchvision![0], 61_100_840);
    assert.equal(totals.oneTower![0], 62_378_344); // as above, and 1,413,120 weights between the towers
  });

  it('writes a network so that it reads as the same', () => {
    const net = paperAlexNet(7, { inputSize: 224, lrn: { k: 1 } });
    assert.deepEqual(analyse(textOf(net), 224).net!.toJSON(), net.toJSON());
  });
});

describe('budget', () => {
  const wanted = { classes: 4, pictures: 76, batchSize: 16, seconds: 60 };
  const of = (text: string, inputSize: number) => budget(analyse(text, inputSize), wanted);

  it('lets the small network be trained, and says why others cannot be', () => {
    assert.equal(of(presets.small!.text, 64).fits, true);
    assert.match(
      of(presets.paper!.text, 227).sentence,
      /^Too large to learn anything in 60 seconds in a tab: at 724 M multiply-adds/,
    );
    assert.match(
      of('flatten\nfc1: dense { units: 4000 }\nfc: dense { units: 4 }', 64).sentence,
      /^Too large to train in a tab: it would take some \d+ MB/,
    );
    assert.match(
      of('flatten\nfc: dense { units: 10 }', 32).sentence,
      /^There are 4 classes to learn, but fc answers with 10 numbers\./,
    );
    assert.match(of('relu', 32).sentence, /relu answers with 32 × 32 × 3 numbers/);
    assert.match(of('rel', 32).sentence, /once every line fits/);
  });
});
