/**
 * readLabels: the file formats for names of classes, rejected files, and the order of ImageNet's
 * classes.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OptionsError } from '../../errors';
import { imagenetClasses, imagenetLabels } from './imagenet';
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
  it('keeps indices and names together across blank lines', () => {
    const names = (text: string) => readLabels(text, 'x.txt').map(({ label }) => label);
    assert.deepEqual(names('\n\n1,red wine, dry\n\n0,beer, dark, cold\n'), [
      'beer, dark, cold',
      'red wine, dry',
    ]);
    assert.deepEqual(names('\n\n0\tc\ta'), ['c\ta']);
  });

  it('refuses classes without a name', () => {
    for (const text of ['0\t\t', '0,\n1,_', '[["n01440764", " "]]'])
      assert.match(refusal(text), /must (have a name|name a class|be|have)/, text);
  });

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
      { label: 'crane 0', id: 'crane 0' },
      { label: 'heron', id: 'heron' },
      { label: 'crane 2', id: 'crane 2' },
    ]);
  });

  it('shows the ids of classes with the same name, and says so', () => {
    const notes: string[] = [];
    assert.deepEqual(
      readLabels('n02012849 crane\nn02013706 limpkin\nn03126707 crane', 'x.txt', (note) =>
        notes.push(note),
      ),
      [
        { label: 'crane (n02012849)', id: 'n02012849' },
        { label: 'limpkin', id: 'n02013706' },
        { label: 'crane (n03126707)', id: 'n03126707' },
      ],
    );
    assert.deepEqual(notes, [
      'x.txt: several classes have the same name; they are shown as "crane (n02012849)", "crane (n03126707)".',
    ]);
  });

  const names = (file: string | Uint8Array, where = 'x.txt', notes: string[] = []) =>
    readLabels(file, where, (note) => notes.push(note)).map(({ label }) => label);

  it('never cuts a name at a comma, unless it is a list of WordNet', () => {
    assert.deepEqual(names('red wine, dry\nwhite wine, dry\nbeer'), [
      'red wine, dry',
      'white wine, dry',
      'beer',
    ]);
    assert.deepEqual(names('["red wine, dry", "beer"]'), ['red wine, dry', 'beer']);
    assert.deepEqual(names('0,red wine, dry\n1,beer'), ['red wine, dry', 'beer']);
    assert.deepEqual(names('index,name\n0,"red wine, ""dry"""\n1,beer'), [
      'red wine, "dry"',
      'beer',
    ]);
    assert.deepEqual(names('"red wine, dry"\n"beer"'), ['red wine, dry', 'beer']);
    assert.deepEqual(names("{0: 'tench, Tinca tinca',\n 1: \"jack-o'-lantern\"}"), [
      'tench, Tinca tinca',
      "jack-o'-lantern",
    ]);
  });

  it('reads UTF-8 and UTF-16 with and without a byte order mark, and refuses others by line', () => {
    const words = ['Käse', 'сыр', '奶酪'];
    const text = words.join('\n');
    const utf16 = (bigEndian: boolean, from = text) => {
      const bytes = new Uint8Array(2 * from.length);
      for (let i = 0; i < from.length; i++)
        new DataView(bytes.buffer).setUint16(2 * i, from.charCodeAt(i), !bigEndian);
      return bytes;
    };
    for (const bytes of [
      new TextEncoder().encode(text),
      new TextEncoder().encode(`\ufeff${text}`),
      utf16(false, `\ufeff${text}`),
      utf16(true, `\ufeff${text}`),
      utf16(false),
      utf16(true),
    ])
      assert.deepEqual(names(bytes), words);
    assert.deepEqual(names('\ufeff["a", "b"]'), ['a', 'b']);
    const latin1 = Uint8Array.from('brie\nK\xe4se\n', (character) => character.charCodeAt(0));
    assert.throws(
      () => names(latin1),
      /^OptionsError: x\.txt: must be UTF-8 or UTF-16, got the byte 0xe4 in line 2, as in Latin-1 \(Windows-1252\)\. Save it as UTF-8\.$/,
    );
    assert.throws(
      () => names('K\ufffdse\nbrie'),
      /was decoded with the wrong encoding: it has the character U\+FFFD/,
    );
    assert.throws(() => names('c\0a\0t\0'), /it has null characters, as of UTF-16 read as UTF-8/);
  });

  it('reads indices before and after the names, in their order', () => {
    for (const text of [
      '0 cat\n1 dog\n2 hen',
      '1: cat\n2: dog\n3: hen',
      '2 hen\n0 cat\n1 dog',
      '0,cat\n1,dog\n2,hen',
      '0;cat\n1;dog\n2;hen',
      'cat,0\nhen,2\ndog,1',
      'cat\t0\ndog\t1\nhen\t2',
      '/c/cat 0\n/d/dog 1\n/h/hen 2',
      'index,name\n2,hen\n0,cat\n1,dog',
      '{"0": "cat", "1": "dog", "2": "hen"}',
      '{"cat": 0, "hen": 2, "dog": 1}',
      '{"id2label": {"0": "cat", "1": "dog", "2": "hen"}, "label2id": {}}',
      '{"categories": [{"id": 3, "name": "hen"}, {"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]}',
    ])
      assert.deepEqual(names(text), ['cat', 'dog', 'hen'], text);
    assert.deepEqual(names('3 musketeers\n101 dalmatians'), ['3 musketeers', '101 dalmatians']);
    assert.deepEqual(names('7 up'), ['7 up']);
  });

  it('reads CSV with a header, and says so', () => {
    const notes: string[] = [];
    assert.deepEqual(names('class,index\ncat\ndog', 'x.txt', notes), ['cat', 'dog']);
    assert.deepEqual(notes, ['x.txt: read the first line (class, index) as a header.']);
    assert.deepEqual(
      readLabels('wnid,name,value\nn01440764,tench,3\nn01443537,goldfish,9', 'x.csv'),
      [
        { label: 'tench', id: 'n01440764' },
        { label: 'goldfish', id: 'n01443537' },
      ],
    );
    assert.deepEqual(names('label\ncat\ndog', 'x.csv'), ['cat', 'dog']);
    assert.deepEqual(names('label\ncat\ndog'), ['label', 'cat', 'dog'], 'may be a class');
    assert.match(
      refusal('index,name\n0,cat\n2,dog'),
      /the column "index" must have 0, 1, 2, …, each once/,
    );
    assert.match(
      refusal('index,key,value\n0,a,cat\n1,b,dog'),
      /must have a column with names, such as "name", got "index", "key", "value"/,
    );
    assert.match(refusal('index,name\n0,cat\n1,'), /row 3 must name a class, got none/);
    assert.throws(
      () => names('cat,feline\ndog,canine', 'x.csv'),
      /must have a header such as index,name/,
    );
    assert.match(
      refusal('{"cat": 0, "dog": 2}'),
      /the numbers of the classes must be 0, 1, 2, …, each once/,
    );
  });

  it("rejects ImageNet's 1000 classes in another order than that of their ids", () => {
    assert.equal(readLabels(thousand.join('\n'), 'x').length, 1000);
    const swapped = [...thousand];
    [swapped[3], swapped[4]] = [swapped[4]!, swapped[3]!];
    assert.equal(
      refusal(swapped.join('\n')),
      `labels.txt: ImageNet's 1000 classes must be in the order of their WordNet IDs, got class 4 (${idOf(3)}) after ${idOf(4)}. Sort the lines by ID.`,
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

describe('imagenetClasses', () => {
  it('are 1000 with ascending WordNet ids, the two cranes and the two maillots by id', async () => {
    const classes = await imagenetClasses();
    assert.equal(classes.length, 1000);
    assert.deepEqual(classes[0], { id: 'n01440764', names: ['tench', 'Tinca tinca'] });
    assert.deepEqual(classes[2]!.names[1], 'white shark');
    assert.equal(classes[999]!.id, 'n15075141');
    assert.ok(classes.every(({ id }, i) => i === 0 || id > classes[i - 1]!.id));
    assert.ok(
      classes.every(({ names: all }) => all.every((name) => /^[\w][\w '.()/&-]*$/.test(name))),
    );
    const labels = await imagenetLabels();
    assert.equal(new Set(labels.map(({ label }) => label)).size, 1000);
    assert.deepEqual(
      labels.filter(({ label }) => label.includes('(')).map(({ label }) => label),
      [134, 517, 638, 639].map((i) => `${i < 600 ? 'crane' : 'maillot'} (${classes[i]!.id})`),
    );
  });

  it('name the labels of the shipped set alike', async () => {
    const { labels } = JSON.parse(
      await readFile(new URL('../../../weights/imagenet-293/model.json', import.meta.url), 'utf8'),
    ) as { labels: { label: string; id: string }[] };
    const byId = new Map((await imagenetClasses()).map(({ id, names: all }) => [id, all[0]]));
    for (const { label, id } of labels) assert.equal(byId.get(id), label);
  });

  it('have at most 17 kB gzipped', async () => {
    const file = await readFile(new URL('imagenetData.ts', import.meta.url));
    assert.ok(gzipSync(file, { level: 9 }).length < 17_000);
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
