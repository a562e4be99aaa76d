/**
 * Runs exported files: ONNX Runtime and TensorFlow.js return the same results as this library, and
 * `convert` restores the set.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { fixture, partsOf } from '../../../test/support/convertedSet';
import { relativeError } from '../../../test/support/close';
import {
  filesFrom,
  graphAnswers,
  onnxAnswers,
  ourAnswers,
  picturesFor,
  prepared,
  setOf,
  type Answers,
} from '../../../test/support/exportedModels';
import { safetensorsFile } from '../../../test/support/safetensors';
import {
  pickedFiles,
  readAll,
  tinyFacts,
  tinySet,
  tinyTensors,
  tinyValues,
} from '../../../test/support/tinySet';
import { conv2d } from '../../layers/conv2d';
import { dense } from '../../layers/dense';
import { dropout } from '../../layers/dropout';
import { flatten } from '../../layers/flatten';
import { lrn } from '../../layers/lrn';
import { maxPool } from '../../layers/maxPool';
import { relu, tanh } from '../../layers/activation';
import { sequential } from '../../layers/sequential';
import { softmax } from '../../layers/softmax';
import { convert } from '../convert/convert';
import { readSafetensors } from '../convert/safetensors';
import { exportModel, type ExportOptions, type ExportProgress } from './exportModel';
import { encode } from '../format/quantize';
import { setHash } from '../format/tuning';
import { writeSet, type ManifestFacts, type WrittenSet } from '../save/write';

/**
 * The paper's layers for images of 64 pixels, with few filters, and a pooling that extends past the
 * edge of a map of negative values.
 */
const small = () =>
  sequential(
    {
      conv1: conv2d({ filters: 8, size: 11, stride: 4, pad: { right: 3, bottom: 3 } }), // 15 × 15 × 8
      relu1: relu(),
      norm1: lrn({ n: 5, k: 2, alpha: 0.3, beta: 0.75 }),
      pool1: maxPool({ size: 3, stride: 2 }), // 7 × 7 × 8
      conv2: conv2d({ filters: 12, size: 5, pad: 2, groups: 2 }), // 7 × 7 × 12
      relu2: relu(),
      norm2: lrn({ n: 3, k: 1, alpha: 0.5, beta: 0.5 }),
      pool2: maxPool({ size: 3, stride: 2 }), // 3 × 3 × 12
      conv3: conv2d({ filters: 6, size: 3, pad: 1, groups: 3 }),
      squash3: tanh(),
      pool3: maxPool({ size: 3, stride: 2, pad: 1, overhang: 1 }), // 2 × 2 × 6
      flatten: flatten(),
      again: flatten(),
      drop6: dropout(),
      fc6: dense({ units: 10 }),
      relu6: relu(),
      input: dense({ units: 7 }), // the name of the graphs' input
    },
    { inputShape: [64, 64, 3] },
  );

/** No dense layer: the scores are the flattened map, channels last. Ends in a softmax. */
const convolutional = () =>
  sequential(
    { conv1: conv2d({ filters: 3, size: 3, stride: 2 }), scores: flatten(), logits: softmax() },
    { inputShape: [5, 5, 3] },
  );

function close(got: Answers, wanted: Answers, tolerance: number): void {
  for (const kind of ['logits', 'probabilities'] as const) {
    const error = relativeError(got[kind], wanted[kind]);
    assert.ok(error <= tolerance, `${kind} are off by ${error}`);
  }
}

let set: WrittenSet;
let wanted: Answers;
before(async () => {
  set = await setOf(small());
  wanted = await ourAnswers(set);
  assert.ok(Math.max(...wanted.probabilities) < 0.9, 'no class dominates');
});

describe('an exported ONNX file', () => {
  it('returns the same results on ONNX Runtime, from raw or prepared pixels', async () => {
    const pixels = picturesFor(set);
    close(
      await onnxAnswers((await filesFrom(set, { format: 'onnx' })).get('model.onnx')!, pixels),
      wanted,
      1e-4,
    );
    const file = (await filesFrom(set, { format: 'onnx', input: 'prepared' })).get('model.onnx')!;
    close(await onnxAnswers(file, prepared(set, pixels)), wanted, 1e-4);
  });

  it('returns nearly the same results with float16 kernels, and is half as large', async () => {
    const whole = (await filesFrom(set, { format: 'onnx' })).get('model.onnx')!;
    const half = (await filesFrom(set, { format: 'onnx', quantize: 'float16' })).get('model.onnx')!;
    assert.ok(half.length < whole.length - 2 * 2904, `${half.length} of ${whole.length}`); // conv1 has 2904 numbers
    const answers = await onnxAnswers(half, picturesFor(set));
    close(answers, wanted, 5e-3);
    assert.ok(relativeError(answers.logits, wanted.logits) > 1e-6, 'it is rounded');
  });

  it('has the scores channels last if no dense layer follows the map', async () => {
    const other = await setOf(convolutional());
    const file = (await filesFrom(other, { format: 'onnx' })).get('model.onnx')!;
    close(await onnxAnswers(file, picturesFor(other)), await ourAnswers(other), 1e-4);
  });
});

describe('an exported TensorFlow.js folder', () => {
  it('returns the same results from raw or prepared pixels', async () => {
    const pixels = picturesFor(set);
    close(await graphAnswers(await filesFrom(set, { format: 'tfjs' }), pixels), wanted, 1e-4);
    close(
      await graphAnswers(
        await filesFrom(set, { format: 'tfjs', input: 'prepared' }),
        prepared(set, pixels),
      ),
      wanted,
      1e-4,
    );
    const other = await setOf(convolutional());
    close(
      await graphAnswers(await filesFrom(other, { format: 'tfjs' }), picturesFor(other)),
      await ourAnswers(other),
      1e-4,
    );
  });

  it('returns the same results for a quantized set, and nearly the same for float16', async () => {
    const coded = await setOf(small(), 'uint8');
    const files = await filesFrom(coded, { format: 'tfjs', quantize: 'uint8' });
    close(await graphAnswers(files, picturesFor(coded)), await ourAnswers(coded), 1e-5);
    close(
      await graphAnswers(
        await filesFrom(set, { format: 'tfjs', quantize: 'uint8' }),
        picturesFor(set),
      ),
      wanted,
      0.05,
    );
    close(
      await graphAnswers(
        await filesFrom(set, { format: 'tfjs', quantize: 'float16' }),
        picturesFor(set),
      ),
      wanted,
      5e-3,
    );
  });

  it('is cut into shards of 4 MiB', async () => {
    const wide = sequential(
      { flatten: flatten(), fc: dense({ units: 700 }) },
      { inputShape: [26, 26, 3] },
    ); // 1.42 M numbers: 5.7 MB
    const labels = Array.from({ length: 700 }, (_, i) => ({ label: `${i}`, id: `${i}` }));
    const large = await setOf(wide, 'float32', { labels });
    const files = await filesFrom(large, { format: 'tfjs' });
    assert.deepEqual(
      [...files.keys()],
      ['group1-shard1of2.bin', 'group1-shard2of2.bin', 'model.json'],
    );
    assert.equal(files.get('group1-shard1of2.bin')!.length, 4 * 1024 * 1024);
    close(await graphAnswers(files, picturesFor(large)), await ourAnswers(large), 1e-4);
  });
});

describe('an exported file, converted again', () => {
  /** Returns the set that `convert` makes from a file. */
  const convertBack = async (files: Map<string, Uint8Array>) => {
    const [[name, bytes]] = [...files] as [[string, Uint8Array]];
    const { facts, tensors } = await convert(partsOf(name, bytes));
    return writeSet(facts, tensors, { compress: false });
  };

  for (const options of [
    { format: 'onnx' },
    { format: 'safetensors' },
    { format: 'safetensors', layout: 'pytorch' },
  ] as const) {
    it(`is the same set: ${options.format} ${'layout' in options ? options.layout : ''}`, async () => {
      const back = await convertBack(await filesFrom(set, options));
      const { shards: _, weightsManifest: __, ...facts } = back.manifest;
      const { shards: ___, weightsManifest: ____, ...were } = set.manifest;
      assert.deepEqual(facts, were);
      assert.deepEqual(await readAll(pickedFiles(back)), await readAll(pickedFiles(set)));
    });
  }

  it('keeps quantized values, and omits an accuracy that was measured with other values', async () => {
    const coded = await setOf(small(), 'uint8');
    const files = await filesFrom(coded, { format: 'safetensors', quantize: 'uint8' });
    const back = await convertBack(files);
    assert.deepEqual(await readAll(pickedFiles(back)), await readAll(pickedFiles(coded)));
    assert.equal(back.manifest.accuracy, undefined);
    assert.ok(files.get('model.safetensors')!.length < 12_000, 'one byte per value');
  });
});

describe("an exported file in PyTorch's layouts", () => {
  it("equals torchvision's own file tensor by tensor, and converts back to the set", async () => {
    const written = await fixture('torchvision.safetensors');
    const { facts, tensors } = await convert(written, { name: 'torchvision' });
    const made = await writeSet(facts, tensors, { compress: false });
    const bytes = (await filesFrom(made, { format: 'safetensors', layout: 'torchvision' })).get(
      'model.safetensors',
    )!;
    const [own, theirs] = [
      await readSafetensors(partsOf('own', bytes)),
      await readSafetensors(written),
    ];
    assert.deepEqual([...own.tensors.keys()].sort(), [...theirs.tensors.keys()].sort());
    for (const [name, tensor] of theirs.tensors) {
      assert.deepEqual(own.tensors.get(name)!.shape, tensor.shape, name);
      assert.deepEqual(await own.tensors.get(name)!.values(), await tensor.values(), name);
    }
    const back = await convert(partsOf('own', bytes));
    assert.deepEqual(back.facts, facts);
  });

  it('keeps the layer names with layout pytorch, and aligns the tensors to 8 bytes', async () => {
    const bytes = (await filesFrom(set, { format: 'safetensors', layout: 'pytorch' })).get(
      'model.safetensors',
    )!;
    assert.equal(new DataView(bytes.buffer).getUint32(0, true) % 8, 0);
    const { tensors } = await readSafetensors(partsOf('pt', bytes));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    assert.deepEqual(shapes['conv2.weight'], [12, 4, 5, 5]);
    assert.deepEqual(shapes['fc6.weight'], [10, 24]);
    assert.deepEqual(shapes['input.bias'], [7]);
  });
});

describe('exportModel', () => {
  it('writes a head with the layers of its base, and reports progress', async () => {
    const base = await tinySet();
    const reference = { name: 'tiny', hash: await setHash(base.manifest), layers: ['conv1'] };
    const head = await writeSet(
      { ...tinyFacts('pets'), base: reference },
      tinyTensors('float32', 'other').slice(2),
    );
    const parts: Uint8Array[] = [];
    const phases = new Set<string>();
    let last: ExportProgress | undefined;
    await exportModel(pickedFiles(head), (_, bytes) => void parts.push(bytes.slice()), {
      format: 'safetensors',
      base: pickedFiles(base),
      onProgress: (progress) => phases.add((last = progress).phase),
    });
    const { facts, tensors } = await convert(partsOf('tuned', Buffer.concat(parts)));
    const whole = await writeSet(facts, tensors, { compress: false });
    assert.equal(whole.manifest.base, undefined);
    const numbers = await readAll(pickedFiles(whole));
    const [first, other] = [tinyValues(), tinyValues('other')];
    assert.deepEqual(numbers, {
      ...first,
      'fc2/kernel': other['fc2/kernel'],
      'fc2/bias': other['fc2/bias'],
    });
    assert.deepEqual(
      [phases.has('fetch'), last],
      [true, { phase: 'write', loaded: last!.total, total: last!.total }],
    );
  });

  it('rejects what a format cannot store, before the sink receives anything', async () => {
    const refusal = (options: ExportOptions, of: WrittenSet = set) =>
      exportModel(pickedFiles(of), () => assert.fail('it writes'), options).then(
        () => '',
        (error: Error) => error.message,
      );
    assert.match(
      await refusal({ format: 'onnx', quantize: 'uint8' }),
      /^export: quantize must be 'float32' or 'float16' for ONNX, got 'uint8'\./,
    );
    assert.match(
      await refusal({ format: 'safetensors', quantize: 'uint8', layout: 'pytorch' }),
      /^export: quantize must be 'float32' or 'float16' for layout: 'pytorch', got 'uint8'\./,
    );
    assert.match(
      await refusal({ format: 'safetensors', layout: 'torchvision' }),
      /must have the layers of torchvision's alexnet .+, got a difference at conv1\. Pass layout: 'pytorch'/,
    );
    assert.match(
      await refusal({ format: 'safetensors', input: 'pixels' }),
      /^exportModel: input must not be set for safetensors: .+ Leave it out\.$/,
    );
    assert.match(
      await refusal({ format: 'tfjs', layout: 'pytorch' }),
      /^exportModel: layout must not be set for tfjs: only \.safetensors files have a layout\. Leave/,
    );
    assert.match(
      await refusal({ format: 'pb' as 'onnx' }),
      /^exportModel: format must be one of safetensors, onnx, tfjs, got "pb"\.$/,
    );
    const nested = sequential(
      { block: sequential({ flatten: flatten() }), fc: dense({ units: 2 }) },
      { inputShape: [4, 4, 3] },
    );
    assert.match(
      await refusal({ format: 'onnx' }, await setOf(nested)),
      /^export: block must be a layer that other frameworks have, got sequential\. List its layers one by one\.$/,
    );
  });

  it('rejects values out of the range of float16', async () => {
    const net = sequential(
      { flatten: flatten(), fc: dense({ units: 2 }) },
      { inputShape: [1, 1, 3] },
    );
    const { manifest } = await setOf(net);
    const { shards: _, weightsManifest: __, format: ___, formatVersion: ____, ...facts } = manifest;
    const large = await writeSet(
      facts as ManifestFacts,
      [
        ...encode('fc/kernel', [3, 2], Float32Array.of(1, 2, 3, -70000, 5, 6), 'float32'),
        ...encode('fc/bias', [2], new Float32Array(2), 'float32'),
      ],
      { compress: false },
    );
    for (const format of ['onnx', 'tfjs', 'safetensors'] as const) {
      await assert.rejects(
        filesFrom(large, { format, quantize: 'float16' }),
        /float16 values must be at most 65504, got -70000\. Leave out quantize\.$/,
      );
    }
  });

  it("stops with a signal's reason", async () => {
    const stop = new AbortController();
    const write = exportModel(pickedFiles(await tinySet()), () => stop.abort(new Error('enough')), {
      format: 'onnx',
      signal: stop.signal,
    });
    await assert.rejects(write, /^Error: enough$/);
  });
});

describe('a malicious file that claims to be exported', () => {
  it('is rejected with a clear message', async () => {
    const bytes = (await filesFrom(set, { format: 'onnx' })).get('model.onnx')!;
    const altered = async (from: string, to: string) => {
      const text = Buffer.from(bytes).toString('latin1');
      assert.ok(text.includes(from));
      return convert(partsOf('x.onnx', Buffer.from(text.replaceAll(from, to), 'latin1'))).then(
        () => '',
        (error: Error) => error.message,
      );
    };
    assert.match(
      await altered('{"name":"exported"', '["name":"exported"'),
      /^x\.onnx: "alexnet-ts" in the metadata must be JSON/,
    );
    assert.match(
      await altered('conv3.weight', 'conv9.weight'),
      /conv3\.weight: must be in the file, since conv3\/kernel is read from it\.$/,
    );
    assert.match(
      await altered('"units":10', '"units":11'),
      /fc6\.weight: shape must be 11 × 24 for fc6\/kernel, got 10 × 24\./,
    );
    assert.match(
      await altered('"type":"tanh"', '"type":"tank"'),
      /"tank" is not a type of layer\./,
    );
    await assert.rejects(
      convert(partsOf('x.onnx', bytes), { mean: [1, 2, 3] }),
      /x\.onnx stores its own preprocessing\. Leave out mean\.$/,
    );
  });

  it('is rejected with an unknown layout, and with a nested network', async () => {
    const block = sequential(
      { block: sequential({ fc: dense({ units: 5 }) }) },
      { inputShape: [4] },
    );
    const said = (more: object) =>
      convert(
        partsOf(
          'x.safetensors',
          safetensorsFile({}, { 'alexnet-ts': JSON.stringify({ ...tinyFacts(), ...more }) }),
        ),
      );
    await assert.rejects(
      said({ layout: 'keras' }),
      /layout in the metadata must be .*, got "keras"\. Update alexnet-ts\.$/,
    );
    await assert.rejects(
      said({ layout: 'pytorch', network: block.toJSON() }),
      /the network must not be nested, got block\/fc\/kernel/,
    );
  });
});
