/**
 * readLabels: the file formats for names of classes, rejected files, and the order of ImageNet's
 * classes.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import { checkLabelCount, readLabels } from './labels';

const refusal = (text: string): string => {
  try {
    readLabels(text, 'labels.txt');
  } catch (error) {
    assert.ok(error instanceof OptionsError, String(error));
    return error.message;
  }
  return '';
};

const idOf = (i: number) => `n${String(1440764 + 7 * i).padStart(8, '0')}`;
const thousand = Array.from({ length: 1000 }, (_, i) => `${idOf(i)} thing ${i}, other name`);

describe('readLabels', () => {
  it("reads Caffe's synset_words, plain names, Keras' JSON, lists, and a model.json", () => {
    const two = [
      { label: 'tench', id: 'n01440764' },
      { label: 'great white shark', id: 'n01484850' },
    ];
    assert.deepEqual(
      readLabels(
        'n01440764 tench, Tinca tinca\r\nn01484850 great white shark, white shark\r\n\r\n',
        'x',
      ),
      two,
    );
    assert.deepEqual(
      readLabels('{"1": ["n01484850", "great_white_shark"], "0": ["n01440764", "tench"]}', 'x'),
      two,
    );
    assert.deepEqual(readLabels(JSON.stringify(two), 'x'), two);
    assert.deepEqual(readLabels(JSON.stringify({ format: 'alexnet-ts', labels: two }), 'x'), two);
    const named = [
      { label: 'cat', id: 'cat' },
      { label: 'dog', id: 'dog' },
    ];
    assert.deepEqual(readLabels('cat\ndog\n', 'x'), named);
    assert.deepEqual(readLabels('["cat", "dog"]', 'x'), named);
  });

  it('distinguishes classes with the same name by their index, if they have no ids', () => {
    assert.deepEqual(readLabels('crane\nheron\ncrane', 'x'), [
      { label: 'crane', id: 'crane 0' },
      { label: 'heron', id: 'heron' },
      { label: 'crane', id: 'crane 2' },
    ]);
  });

  it("rejects ImageNet's 1000 classes in another order than that of their ids", () => {
    assert.equal(readLabels(thousand.join('\n'), 'x').length, 1000);
    const swapped = [...thousand];
    [swapped[3], swapped[4]] = [swapped[4]!, swapped[3]!];
    assert.equal(
      refusal(swapped.join('\n')),
      `labels.txt: ImageNet's 1000 classes must be in the order of their WordNet ids, got class 4 (${idOf(3)}) after ${idOf(4)}. Sort the lines by id.`,
    );
    assert.equal(refusal(swapped.slice(0, 999).join('\n')), '', 'other sets may have other orders');
  });

  it('names the malformed line or entry', () => {
    assert.match(refusal(''), /must name at least one class/);
    assert.match(refusal('cat\n\ndog'), /line 2 must name a class, got ""/);
    assert.match(
      refusal('n01440764 a\nn01440764 b'),
      /ids must be unique, got n01440764 for classes 0 and 1/,
    );
    assert.match(refusal('{"0": "a", "2": "b"}'), /keys must be 0, 1, 2, …, got "2" for class 1/);
    assert.match(
      refusal('["a", 3]'),
      /class 1 must be a name, \[id, name\] or \{ label, id \}, got 3/,
    );
    assert.match(refusal('["a"'), /must be valid JSON/);
  });
});

describe('checkLabelCount', () => {
  it('rejects a list whose length differs from the number of classes', () => {
    assert.throws(
      () => checkLabelCount([{ label: 'a', id: 'a' }], 5, 'labels.txt'),
      /labels\.txt: labels must name all 5 classes of the network, in order, got 1\./,
    );
  });
});
