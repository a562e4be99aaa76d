/**
 * Converts files of PyTorch, ONNX and Caffe, and compares the logits with those of PyTorch and ONNX
 * Runtime on the same file (fixtures/converters.py).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binaryproto, caffemodel, type CaffeLayer } from '../../../test/support/caffemodel';
import {
  caffeWeights,
  fixture,
  logitsOf,
  partsOf,
  relativeError,
} from '../../../test/support/convertedSet';
import reference from '../../../test/fixtures/converters.json';
import { readCaffeMean } from './caffe';
import { convert, type ConvertOptions } from './convert';
import type { ConvertedTensor } from './conversionTable';

const TOLERANCE = 1e-4;

/** Caffe's layers in the order of a variant; norm1 and norm2 with the LRN options of their file. */
function caffeLayers(
  variant: 'caffe' | 'caffenet',
  lrn: CaffeLayer['lrn_param'] | false = { local_size: 5, alpha: 1e-4, beta: 0.75 },
) {
  const weights = caffeWeights();
  const learnt = (name: string): CaffeLayer => {
    const { kernel, bias } = weights[name]!;
    return { name, blobs: [kernel, { shape: [bias.length], values: bias }] };
  };
  const between = (i: number): CaffeLayer[] => {
    const norm: CaffeLayer = lrn ? { name: `norm${i}`, lrn_param: lrn } : { name: `norm${i}` };
    const pair = [norm, { name: `pool${i}` }];
    return [{ name: `relu${i}` }, ...(variant === 'caffe' ? pair : pair.reverse())];
  };
  return [
    ...['conv1', 'conv2'].flatMap((name, i) => [learnt(name), ...between(i + 1)]),
    ...['conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'].map(learnt),
  ];
}

const told = async (file: Parameters<typeof convert>[0], options: ConvertOptions = {}) => {
  const notes: string[] = [];
  const converted = await convert(file, { ...options, onNote: (note) => notes.push(note) });
  return { converted, notes };
};

describe('convert: PyTorch', () => {
  for (const name of ['torchvision.pth', 'torchvision.safetensors'] as const) {
    it(`reproduces PyTorch's logits for ${name}`, async () => {
      const converted = await convert(await fixture(name));
      const { scale, logits } = reference.torchvision;
      assert.ok(relativeError(await logitsOf(converted, scale, false), logits) < TOLERANCE);
      assert.equal(converted.facts.variant, 'torchvision');
      assert.equal(converted.facts.name, 'torchvision');
      assert.deepEqual(converted.facts.preprocessing.std, [0.229 * 255, 0.224 * 255, 0.225 * 255]);
      assert.equal(converted.classifierStartsAt, 'fc6/kernel');
    });
  }

  it('reports the source and transposition of each tensor when it is read', async () => {
    const rows: ConvertedTensor[] = [];
    const { tensors } = await convert(await fixture('torchvision.pth'), {
      onTensor: (row) => rows.push(row),
      quantize: 'uint8',
    });
    assert.equal(rows.length, 0, 'nothing is read before it is asked for');
    for await (const { entry } of tensors) if (entry.name === 'fc6/bias') break;
    assert.deepEqual(rows.slice(0, 2), [
      {
        from: 'features.0.weight',
        to: 'conv1/kernel',
        shape: [11, 11, 3, 4],
        transposed: 'OIHW → HWIO',
        as: 'uint8',
      },
      { from: 'features.0.bias', to: 'conv1/bias', shape: [4], transposed: '', as: 'float32' },
    ]);
    assert.deepEqual(
      rows.slice(-2).map(({ from, to, transposed }) => [from, to, transposed]),
      [
        ['classifier.1.weight', 'fc6/kernel', '[out, CHW] → [HWC, out]'],
        ['classifier.1.bias', 'fc6/bias', ''],
      ],
    );
  });
});

describe('convert: ONNX', () => {
  for (const name of ['torchvision.onnx', 'torchscript.onnx'] as const) {
    it(`reproduces ONNX Runtime's logits for ${name} from torch.onnx.export`, async () => {
      const { converted, notes } = await told(await fixture(name));
      const { scale, logits } = reference[name];
      assert.ok(relativeError(await logitsOf(converted, scale, false), logits) < TOLERANCE);
      assert.equal(converted.facts.variant, 'torchvision');
      assert.match(
        notes[0]!,
        /^An ONNX file does not say how its images are preprocessed\. Assuming red, green, blue/,
      );
    });
  }

  it('reads the AlexNet of the Model Zoo: 224 pixels, LRN, groups, ceil_mode pooling, BGR', async () => {
    const { converted, notes } = await told(await fixture('zoo.onnx'));
    const { scale, logits } = reference['zoo.onnx'];
    assert.ok(relativeError(await logitsOf(converted, scale, true), logits) < TOLERANCE);
    assert.equal(converted.facts.variant, 'caffe');
    assert.equal(converted.facts.preprocessing.inputSize, 224);
    assert.match(notes[0]!, /Assuming blue, green, red without a standard deviation, as in Caffe;/);
    const rgb = await convert(await fixture('zoo.onnx'), { channels: 'rgb' });
    assert.ok(
      relativeError(await logitsOf(rgb, scale, false), logits) < TOLERANCE,
      'the other order of channels',
    );
  });
});

describe('convert: Caffe', () => {
  for (const variant of ['caffe', 'caffenet'] as const) {
    for (const old of [true, false]) {
      it(`detects ${variant} in the ${old ? 'old' : 'new'} format by its layers, and reproduces PyTorch's logits`, async () => {
        const { converted, notes } = await told(
          partsOf('some.caffemodel', caffemodel(caffeLayers(variant), { old })),
        );
        const { scale, logits } = reference[variant];
        assert.ok(relativeError(await logitsOf(converted, scale, true), logits) < TOLERANCE);
        assert.equal(converted.facts.variant, variant);
        assert.deepEqual(converted.facts.preprocessing, {
          resize: 256,
          crop: 227,
          inputSize: 227,
          mean: [122.67891434, 116.66876762, 104.00698793],
        });
        assert.ok(!notes.some((note) => note.includes('from its name')));
      });
    }
  }

  it('takes a variant that the file does not state from the file name, unless an option sets it', async () => {
    const silent = caffemodel(caffeLayers('caffe').filter(({ blobs }) => blobs));
    const byName = await told(partsOf('bvlc_reference_caffenet.caffemodel', silent));
    assert.equal(byName.converted.facts.variant, 'caffenet');
    assert.match(byName.notes[0]!, /Assuming CaffeNet/);
    assert.equal(
      (await told(partsOf('bvlc_alexnet.caffemodel', silent))).converted.facts.variant,
      'caffe',
    );
    assert.equal(
      (await told(partsOf('mine.caffemodel', silent), { variant: 'caffenet' })).converted.facts
        .variant,
      'caffenet',
    );
    const { logits, scale } = reference.caffenet;
    assert.ok(
      relativeError(await logitsOf(byName.converted, scale, true), logits) < TOLERANCE,
      "k and alpha are Caffe's",
    );
  });

  it("reads LRN's options from the file, and divides alpha by its size", async () => {
    const { facts } = await convert(
      partsOf(
        'x.caffemodel',
        caffemodel(caffeLayers('caffe', { local_size: 3, alpha: 0.06, beta: 0.5, k: 2 })),
      ),
    );
    const norm = (facts.network.layers as { name: string; alpha: number }[]).find(
      ({ name }) => name === 'norm1',
    )!;
    assert.deepEqual(
      { ...norm, alpha: Number(norm.alpha.toPrecision(6)) },
      { name: 'norm1', type: 'lrn', n: 3, k: 2, alpha: 0.02, beta: 0.5 },
    );
  });

  it('reads a mean of three values or of an image, in BGR order', async () => {
    const three = await readCaffeMean(
      partsOf('mean.binaryproto', binaryproto([3, 1, 1], Float32Array.of(104, 117, 123))),
    );
    assert.deepEqual(three, [123, 117, 104]);
    const image = Float32Array.from(
      { length: 3 * 4 },
      (_, i) => [100, 110, 120][Math.floor(i / 4)]! + (i % 2 ? 1 : -1),
    );
    const mean = await readCaffeMean(partsOf('mean.binaryproto', binaryproto([3, 2, 2], image)));
    assert.deepEqual(mean, [120, 110, 100]);
    const { facts } = await convert(partsOf('x.caffemodel', caffemodel(caffeLayers('caffe'))), {
      mean,
    });
    assert.deepEqual(facts.preprocessing.mean, mean);
  });
});

describe('convert: options', () => {
  it('rejects an option that has no effect on the file', async () => {
    await assert.rejects(
      convert(await fixture('torchvision.pth'), { variant: 'caffenet' }),
      /^OptionsError: convert: torchvision\.pth is torchvision's alexnet\. Leave out variant\.$/,
    );
    await assert.rejects(
      convert(await fixture('zoo.onnx'), { variant: 'caffe' }),
      /states the order of its layers\. Leave out variant\.$/,
    );
    await assert.rejects(
      convert(partsOf('x.caffemodel', caffemodel(caffeLayers('caffe'))), { channels: 'rgb' }),
      /whose input is blue, green, red\. Leave out channels\.$/,
    );
  });
});
