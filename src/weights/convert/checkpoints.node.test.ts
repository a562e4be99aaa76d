/**
 * Checkpoints as people save them: prefixes, other keys, values that are no tensors, older formats,
 * other heads and batch normalization. Logits are those of PyTorch (fixtures/converters.py).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { caffemodel } from '../../../test/support/caffemodel';
import {
  caffeWeights,
  fixture,
  logitsOf,
  partsOf,
  relativeError,
} from '../../../test/support/convertedSet';
import { formula } from '../../../test/support/formula';
import { float32Bytes, safetensorsFile } from '../../../test/support/safetensors';
import {
  torchLegacy,
  torchZip,
  type Pickled,
  type TorchTensor,
} from '../../../test/support/torchFiles';
import reference from '../../../test/fixtures/converters.json';
import { convert, type ConvertOptions } from './convert';
import type { FileParts } from './fileReader';
import { readPyTorch } from './pytorch';

const TOLERANCE = 1e-4;

interface Values {
  shape: readonly number[];
  values: Float32Array;
}
type StateDict = Record<string, Values>;

/** The weights of fixtures/torchvision.pth. */
async function torchvision(): Promise<StateDict> {
  const tensors = await readPyTorch(await fixture('torchvision.pth'));
  const read = [...tensors].map(async ([name, { shape, values }]): Promise<[string, Values]> => [
    name,
    { shape, values: (await values()) as Float32Array },
  ]);
  return Object.fromEntries(await Promise.all(read));
}

const renamed = (dict: StateDict, rename: (name: string) => string): StateDict =>
  Object.fromEntries(Object.entries(dict).map(([name, value]) => [rename(name), value]));

const asTensor = ({ shape, values }: Values): TorchTensor => ({
  shape,
  bytes: float32Bytes(values),
});
const asDict = (dict: StateDict): Pickled => ({
  dict: Object.fromEntries(
    Object.entries(dict).map(([name, values]) => [name, { tensor: asTensor(values) }]),
  ),
});

const asSafetensors = (dict: StateDict): FileParts =>
  partsOf(
    'some.safetensors',
    safetensorsFile(
      Object.fromEntries(
        Object.entries(dict).map(([name, { shape, values }]) => [
          name,
          { dtype: 'F32' as const, shape, bytes: float32Bytes(values) },
        ]),
      ),
    ),
  );
const asZip = (root: Pickled) => partsOf('some.pth', torchZip(root));

/** Converts a file and compares its logits. Returns the notes. */
async function checked(
  file: FileParts,
  wanted: readonly (readonly number[])[] = reference.torchvision.logits,
  options: ConvertOptions = {},
  tolerance = TOLERANCE,
): Promise<string[]> {
  const notes: string[] = [];
  const converted = await convert(file, { ...options, onNote: (note) => notes.push(note) });
  const error = relativeError(await logitsOf(converted, 1, false), wanted);
  assert.ok(error < tolerance, `the logits differ by ${error}`);
  return notes.filter((note) => !note.startsWith('The file has no labels'));
}

/** Returns the message with which a file is rejected. */
const refusal = (file: FileParts): Promise<string> =>
  convert(file).then(
    () => 'none',
    (error: Error) => error.message,
  );

describe('convert: prefixes of names', () => {
  for (const [wrap, removed] of [
    ['module.*', '"module."'],
    ['_orig_mod.*', '"_orig_mod."'],
    ['model.*', '"model."'],
    ['net.module._orig_mod.*', '"net.module._orig_mod."'],
    ['backbone.alexnet.*', '"backbone.alexnet."'],
  ] as const) {
    it(`removes ${removed} and says so`, async () => {
      const dict = renamed(await torchvision(), (name) => wrap.replace('*', name));
      const note = `Removed ${removed} from the names of the tensors.`;
      assert.deepEqual(await checked(asSafetensors(dict)), [note]);
      assert.deepEqual(await checked(asZip(asDict(dict))), [
        wrap === 'module.*' ? 'Removed "module." from the names of the tensors.' : note,
      ]);
    });
  }

  it('removes wrappers within the names, together with a prefix', async () => {
    const dict = renamed(
      await torchvision(),
      (name) => `model.${name.replace('features.', 'features.module.')}`,
    );
    assert.deepEqual(await checked(asSafetensors(dict)), [
      'Removed "model." and "module." from the names of the tensors.',
    ]);
  });

  it('rejects two networks, and leaves out other small tensors, with a note', async () => {
    const dict = await torchvision();
    const prefixed = (prefix: string) => renamed(dict, (name) => `${prefix}.${name}`);
    assert.match(
      await refusal(asSafetensors({ ...prefixed('student'), ...prefixed('teacher') })),
      /must contain one AlexNet, got 2, with the prefixes "student\.", "teacher\."/,
    );
    const weights = { shape: [5], values: new Float32Array(5) };
    assert.deepEqual(
      (await checked(asSafetensors({ ...prefixed('model'), 'criterion.weight': weights }))).at(-1),
      'Left out criterion.weight, which the network does not use.',
    );
    const head = { shape: [2, 5], values: new Float32Array(10) };
    assert.match(
      await refusal(asSafetensors({ ...prefixed('model'), 'head.weight': head })),
      /head\.weight: has no place in torchvision's alexnet/,
    );
  });
});

describe('convert: checkpoints', () => {
  it('finds the state dict under any key, and skips what is no tensor', async () => {
    const harmless: Record<string, Pickled> = {
      scalar: {
        opcodes:
          'cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x02\0\0\0f8\x89\x88tRC\x08\0\0\0\0\0\0\0\0tR',
      },
      args: { opcodes: 'cargparse\nNamespace\n)\x81}(X\x02\0\0\0lrG\0\0\0\0\0\0\0\0ub' },
      date: { opcodes: 'cdatetime\ndatetime\n(C\x0a\0\0\0\0\0\0\0\0\0\0tR' },
      seen: { opcodes: 'c__builtin__\nset\n](K\x01K\x02e\x85R' },
      config: { opcodes: 'cmy.project\nConfig\n)\x81X\x01\0\0\0x' + 'K\x01s' },
      counts: { opcodes: 'ccollections\ndefaultdict\nc__builtin__\nint\n\x85R' },
      epoch: 3,
      nothing: null,
      flags: [true, 'text'],
    };
    const dict = await torchvision();
    for (const path of [['net'], ['a', 'b'], ['state_dict']]) {
      const root = path.reduceRight<Pickled>(
        (inner, key) => ({ dict: { ...harmless, [key]: inner } }),
        asDict(dict),
      );
      assert.deepEqual(await checked(asZip(root)), [
        `Read the state dict under "${path.join('.')}".`,
      ]);
    }
    assert.deepEqual(await checked(asZip([asDict(dict), 3])), ['Read the state dict under "0".']);
  });

  it('prefers state_dict to other copies of the network, and names them', async () => {
    const dict = await torchvision();
    const zeros = Object.fromEntries(
      Object.entries(dict).map(([name, { shape, values }]) => [
        name,
        { shape, values: new Float32Array(values.length) },
      ]),
    );
    const moment: Pickled = { tensor: { shape: [1], bytes: new Uint8Array(4) } };
    const optimizer: Pickled = { dict: { 'features.0.weight': moment } };
    const root = { dict: { ema: asDict(zeros), optimizer, state_dict: asDict(dict) } };
    assert.deepEqual(await checked(asZip(root)), [
      'Read the state dict under "state_dict".',
      'Left out other state dicts: ema.',
    ]);
  });

  it('reads one dict per block', async () => {
    const dict = await torchvision();
    const block = (name: string) =>
      asDict(
        Object.fromEntries(
          Object.entries(dict)
            .filter(([key]) => key.startsWith(`${name}.`))
            .map(([key, values]) => [key.slice(name.length + 1), values]),
        ),
      );
    await checked(
      asZip({ dict: { features: block('features'), classifier: block('classifier') } }),
    );
  });

  it('reads the format before PyTorch 1.6, also of Python 2 with CUDA', async () => {
    const dict = renamed(await torchvision(), (name) =>
      name.replace('features.', 'features.module.'),
    );
    const root: Pickled = { dict: { epoch: 89, arch: 'alexnet', state_dict: asDict(dict) } };
    for (const old of [false, true]) {
      assert.deepEqual(await checked(partsOf('old.pth.tar', torchLegacy(root, { old }))), [
        'Read the state dict under "state_dict".',
        'Removed "module." from the names of the tensors.',
      ]);
    }
  });

  it('rejects a truncated or big-endian file of the older format', async () => {
    const root = asDict(await torchvision());
    const bytes = torchLegacy(root);
    assert.match(
      await refusal(partsOf('old.pth', bytes.subarray(0, -100))),
      /^old\.pth: storage 14 must end by byte \d+, got \d+\. Is the file truncated\?$/,
    );
    assert.match(
      await refusal(partsOf('old.pth', torchLegacy(root, { bigEndian: true }))),
      /must be little-endian, got big-endian/,
    );
  });

  it('reads float16, float64 and channels_last, and skips integers', async () => {
    const dict = await torchvision();
    const entries = Object.entries(dict);
    const doubles = entries.map(([name, { shape, values }]): [string, Pickled] => {
      const bytes = new Uint8Array(Float64Array.from(values).buffer);
      return [name, { tensor: { shape, bytes, storage: 'DoubleStorage' } }];
    });
    const steps: Pickled = {
      tensor: { shape: [], bytes: new Uint8Array(8), storage: 'LongStorage' },
    };
    await checked(asZip({ dict: Object.fromEntries([...doubles, ['steps', steps]]) }));
    const last = entries.map(([name, { shape, values }]): [string, Pickled] => {
      if (shape.length !== 4) return [name, { tensor: asTensor({ shape, values }) }];
      const [out, depth, height, width] = shape as [number, number, number, number];
      const stored = new Float32Array(values.length);
      for (let o = 0; o < out; o++)
        for (let d = 0; d < depth; d++)
          for (let i = 0; i < height * width; i++)
            stored[(o * height * width + i) * depth + d] =
              values[(o * depth + d) * height * width + i]!;
      const stride = [height * width * depth, 1, width * depth, depth];
      return [name, { tensor: { ...asTensor({ shape, values: stored }), stride } }];
    });
    await checked(asZip({ dict: Object.fromEntries(last) }));
  });

  it('names the class of a pickled module, in both formats', async () => {
    const module = (name: string): Pickled => ({
      opcodes: `c__main__\n${name}\n)\x81}(X\x08\0\0\0_modules}X\x0b\0\0\0_parameters}X\x01\0\0\0wNsub`,
    });
    for (const file of [
      asZip(module('MyAlexNet')),
      asZip({ dict: { model: module('MyAlexNet'), epoch: 3 } }),
      partsOf('some.pth', torchLegacy(module('MyAlexNet'))),
    ]) {
      assert.match(
        await refusal(file),
        /^some\.pth: is a pickled module \(__main__\.MyAlexNet\), whose code would have to run\. Save model\.state_dict\(\) instead/,
      );
    }
  });

  it('names TorchScript archives and files that are no weights', async () => {
    const script = torchZip({ dict: {} }, { 'constants.pkl': '\x80\x02).' });
    assert.match(
      await refusal(partsOf('x.pt', script)),
      /is a TorchScript archive\. Save the state/,
    );
    for (const [start, message] of [
      ['\x1f\x8b', /is compressed by gzip/],
      ['\x89HDF', /is an HDF5 file/],
      ['\x93NUMPY', /is a NumPy file/],
      ['\x80\x04\x95', /is a Python pickle, but not of torch\.save/],
      ['<!doctype html>', /is a page, not a file of weights/],
      [`${'x'.repeat(257)}ustar`, /is a tar archive/],
    ] as const) {
      const bytes = Uint8Array.from(start, (character) => character.charCodeAt(0));
      assert.match(await refusal(partsOf('x.pth', bytes)), message);
    }
  });
});

describe('convert: other layers', () => {
  it('rejects further layers, and names their tensors', async () => {
    const dict = await torchvision();
    const head = { shape: [2, 5], values: new Float32Array(10) };
    const bias = { shape: [2], values: new Float32Array(2) };
    const message = await refusal(
      asSafetensors({ ...dict, 'classifier.8.weight': head, 'classifier.8.bias': bias }),
    );
    assert.match(message, /classifier\.8\.weight: has no place in torchvision's alexnet/);
    assert.match(message, /classifier\.8\.bias: has no place/);
    const extra = { shape: [6, 6, 3, 3], values: new Float32Array(324) };
    assert.match(
      await refusal(asSafetensors({ ...dict, 'features.12.weight': extra })),
      /features\.12\.weight: has no place/,
    );
    const norm = { shape: [4], values: new Float32Array(4) };
    assert.match(
      await refusal(asSafetensors({ ...dict, 'features.2.weight': norm })),
      /features\.2\.weight: has no place/,
    );
  });

  it('rejects other distances between the layers, which may be other layers without weights', async () => {
    const dict = await torchvision();
    const moved = renamed(dict, (name) => name.replace('features.3.', 'features.4.'));
    assert.match(
      await refusal(asSafetensors(moved)),
      /features\.4\.weight: must be features\.3\. A state dict does not list the layers without weights/,
    );
    const later = renamed(dict, (name) => name.replace('classifier.6.', 'classifier.9.'));
    assert.match(
      await refusal(asSafetensors(later)),
      /classifier\.9\.weight: must come after classifier\.4, ReLU and at most one Dropout/,
    );
    const without = renamed(dict, (name) =>
      name
        .replace('classifier.1.', 'classifier.0.')
        .replace('classifier.4.', 'classifier.2.')
        .replace('classifier.6.', 'classifier.4.'),
    );
    assert.match(
      (await checked(asSafetensors(without)))[0]!,
      /^Read classifier\.0, classifier\.2, classifier\.4 as dense layers with ReLU between them\./,
    );
  });

  it('rejects one input channel in words', async () => {
    const dict = await torchvision();
    const gray = { shape: [4, 1, 11, 11], values: new Float32Array(484) };
    assert.match(
      await refusal(asSafetensors({ ...dict, 'features.0.weight': gray })),
      /features\.0\.weight: must take the 3 channels red, green and blue, got 1\. A network for gray images/,
    );
  });

  it('converts a head of several layers', async () => {
    const { 'classifier.6.weight': _w, 'classifier.6.bias': _b, ...rest } = await torchvision();
    const dict = {
      ...rest,
      'classifier.6.0.weight': { shape: [8, 16], values: formula('head.0.w', 128, 0.5) },
      'classifier.6.0.bias': { shape: [8], values: formula('head.0.b', 8, 0.1) },
      'classifier.6.3.weight': { shape: [5, 8], values: formula('head.3.w', 40, 0.5) },
      'classifier.6.3.bias': { shape: [5], values: formula('head.3.b', 5, 0.1) },
    };
    const notes = await checked(asZip(asDict(dict)), reference.head.logits);
    assert.match(
      notes[0]!,
      /^Read classifier\.6\.0, classifier\.6\.3 as dense layers with ReLU between them\./,
    );
    const { facts } = await convert(asSafetensors(dict));
    const layers = facts.network.layers as { name: string; type: string }[];
    assert.deepEqual(
      layers.slice(-3).map(({ name, type }) => [name, type]),
      [
        ['fc8', 'dense'],
        ['relu8', 'relu'],
        ['fc9', 'dense'],
      ],
    );
  });

  it('folds batch normalization after a layer, also of a layer without bias', async () => {
    const dict = await withBatchNorm();
    await checked(asSafetensors(dict), reference.batchnorm.logits);
    await checked(asZip(asDict(dict)), reference.batchnorm.logits, { quantize: 'uint8' }, 0.05);
    const rows: string[] = [];
    const { tensors } = await convert(asSafetensors(dict), {
      onTensor: ({ to, transposed }) => rows.push(`${to}: ${transposed}`),
    });
    for await (const tensor of tensors) void tensor;
    assert.deepEqual(rows.slice(0, 2), [
      'conv1/kernel: OIHW → HWIO, batch normalization folded',
      'conv1/bias: batch normalization folded',
    ]);
  });

  it('rejects batch normalization after ReLU or pooling', async () => {
    const dict = await torchvision();
    const norm = { shape: [6], values: new Float32Array(6).fill(1) };
    const normed = Object.fromEntries(
      ['weight', 'bias', 'running_mean', 'running_var'].map((kind) => [
        `features.13.${kind}`,
        norm,
      ]),
    );
    assert.equal(
      await refusal(asSafetensors({ ...dict, ...normed })),
      'some.safetensors: features.13: batch normalization must come directly after a convolution or a dense layer, to be folded into it. Other layers are between them here.',
    );
  });

  it('rejects layers stored as integers', async () => {
    const dict = asDict(await torchvision()) as { dict: Record<string, Pickled> };
    dict.dict['classifier.4.weight'] = {
      tensor: { shape: [16, 16], bytes: new Uint8Array(2048), storage: 'LongStorage' },
    };
    assert.match(
      await refusal(asZip(dict)),
      /classifier\.4\.weight: must be stored as floating-point numbers, got I64/,
    );
  });
});

/** The network of `batchnorm_model()` in converters.py. */
async function withBatchNorm(): Promise<StateDict> {
  const dict = await torchvision();
  const moved: Record<string, string> = {
    ...{ 'features.3': 'features.4', 'features.6': 'features.8', 'features.8': 'features.11' },
    ...{
      'features.10': 'features.14',
      'classifier.4': 'classifier.5',
      'classifier.6': 'classifier.7',
    },
  };
  const made = renamed(dict, (name) => {
    const [, module, kind] = /^(.*)\.(\w+)$/.exec(name)!;
    return `${moved[module!] ?? module}.${kind}`;
  });
  delete made['features.0.bias'];
  const norms = { conv1: 1, conv2: 5, conv3: 9, conv4: 12, conv5: 15 };
  const add = (module: string, layer: string, size: number) => {
    for (const [kind, letter, scale, offset] of [
      ['weight', 'g', 0.5, 1],
      ['bias', 'b', 0.1, 0],
      ['running_mean', 'm', 0.1, 0],
      ['running_var', 'v', 0.4, 1],
    ] as const)
      made[`${module}.${kind}`] = {
        shape: [size],
        values: formula(`bn.${layer}.${letter}`, size, scale, offset),
      };
  };
  for (const [i, [layer, position]] of Object.entries(norms).entries())
    add(`features.${position}`, layer, reference.filters[i]!);
  add('classifier.2', 'fc6', reference.units);
  return made;
}

describe('convert: the last layer of a .caffemodel', () => {
  const layers = (last: string) =>
    Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
      name: name === 'fc8' ? last : name,
      blobs: [kernel, { shape: [bias.length], values: bias }],
    }));

  it('may have any name', async () => {
    const notes: string[] = [];
    const file = partsOf('flowers.caffemodel', caffemodel(layers('fc8_flowers')));
    const converted = await convert(file, { variant: 'caffe', onNote: (note) => notes.push(note) });
    const { scale, logits } = reference.caffe;
    assert.ok(relativeError(await logitsOf(converted, scale, true), logits) < TOLERANCE);
    assert.equal(notes[0], 'Read the layer fc8_flowers as fc8, the last one.');
  });

  it('must be one: further layers are rejected by name', async () => {
    const more = { name: 'fc9', blobs: [{ shape: [2, 5], values: new Float32Array(10) }] };
    assert.equal(
      await refusal(partsOf('x.caffemodel', caffemodel([...layers('fc8'), more]))),
      "x.caffemodel: fc9: has no place in Caffe's AlexNet (conv1 to fc7, and one last layer).",
    );
  });
});

describe('convert: labels of a file without any', () => {
  it("are ImageNet's for 1000 classes, with a note, and numbers for others and in ONNX", async () => {
    const dict = await torchvision();
    const large = (classes: number): StateDict => ({
      ...dict,
      'classifier.6.weight': { shape: [classes, 16], values: new Float32Array(16 * classes) },
      'classifier.6.bias': { shape: [classes], values: new Float32Array(classes) },
    });
    const converted = async (file: FileParts, options: ConvertOptions = {}) => {
      const notes: string[] = [];
      const { facts } = await convert(file, { ...options, onNote: (note) => notes.push(note) });
      return { first: facts.labels[0], last: facts.labels.at(-1)!, notes };
    };
    const thousand = await converted(asSafetensors(large(1000)));
    assert.deepEqual(thousand.first, { label: 'tench', id: 'n01440764' });
    assert.equal(thousand.last.label, 'toilet tissue');
    assert.deepEqual(thousand.notes, [
      "The file has no labels. Its 1000 classes are named after ImageNet's, in their usual order; set labels to change it.",
    ]);
    const others = await converted(asSafetensors(large(365)));
    assert.equal(others.last.label, 'class 364');
    const labels = Array.from({ length: 1000 }, (_, i) => ({ label: `my ${i}`, id: `my ${i}` }));
    const given = await converted(asSafetensors(large(1000)), { labels });
    assert.deepEqual([given.last.label, given.notes], ['my 999', []]);
    const last = { shape: [1000, 16], values: new Float32Array(16_000) };
    const layers = Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
      name,
      blobs:
        name === 'fc8'
          ? [last, { shape: [1000], values: new Float32Array(1000) }]
          : [kernel, { shape: [bias.length], values: bias }],
    }));
    assert.equal(
      (await converted(partsOf('x.caffemodel', caffemodel(layers)))).last.label,
      'toilet tissue',
    );
    assert.equal((await converted(await fixture('torchvision.onnx'))).last.label, 'class 4');
  });
});

describe('convert: memory', () => {
  it('reads a large kernel in parts', async () => {
    const dict = await torchvision();
    const [units, inputs] = [4096, 216];
    const sizes: Record<string, readonly number[]> = {
      'classifier.1.weight': [units, inputs],
      'classifier.1.bias': [units],
      'classifier.4.weight': [units, units],
      'classifier.4.bias': [units],
      'classifier.6.weight': [5, units],
    };
    const large = { ...dict };
    for (const [name, shape] of Object.entries(sizes))
      large[name] = { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
    for (const file of [asSafetensors(large), asZip(asDict(large))]) {
      let most = 0;
      const counted: FileParts = {
        ...file,
        read(start, end) {
          most = Math.max(most, end - start);
          return file.read(start, end);
        },
      };
      for await (const tensor of (await convert(counted, { quantize: 'uint8' })).tensors)
        void tensor;
      assert.ok(most <= 4 * 2 ** 20, `${most} bytes were read at once, of 67 MB`);
    }
  });
});
