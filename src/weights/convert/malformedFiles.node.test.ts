/**
 * Truncated, altered and malicious files: each is rejected with a clear message, in bounded memory,
 * and no code in it runs.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { AlexNetError, WeightsError } from '../../errors';
import { binaryproto, caffemodel } from '../../../test/support/caffemodel';
import { caffeWeights, fixture, partsOf } from '../../../test/support/convertedSet';
import { formula } from '../../../test/support/formula';
import { readCaffeMean } from './caffe';
import { convert } from './convert';
import type { FileParts } from './fileReader';

const MB = 1024 * 1024;
const text = (characters: string) =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));

/**
 * Converts all of a file, and returns the message of its error, if any. Fails if the error is not
 * one of this package.
 */
async function refusal(file: FileParts): Promise<string> {
  try {
    for await (const { bytes } of (await convert(file)).tensors) void bytes;
  } catch (error) {
    assert.ok(
      error instanceof AlexNetError,
      `${file.name}: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return error.message;
  }
  return '';
}

const caffeFile = (): Uint8Array => {
  const layers = Object.entries(caffeWeights()).map(([name, { kernel, bias }]) => ({
    name,
    blobs: [kernel, { shape: [bias.length], values: bias }],
  }));
  return Uint8Array.from(caffemodel(layers, { old: true }));
};

async function everyFormat(): Promise<[string, Uint8Array][]> {
  const names = ['torchvision.pth', 'torchvision.safetensors', 'torchvision.onnx', 'zoo.onnx'];
  const files = names.map(async (name): Promise<[string, Uint8Array]> => {
    const file = await fixture(name);
    return [name, await file.read(0, file.size)];
  });
  return [...(await Promise.all(files)), ['some.caffemodel', caffeFile()]];
}

/** A file that generates the bytes that are read, and counts them. */
function generated(name: string, size: number, byteAt: (at: number) => number) {
  const seen = { bytes: 0, largest: 0 };
  const file: FileParts = {
    name,
    size,
    async read(start, end) {
      seen.bytes += end - start;
      seen.largest = Math.max(seen.largest, end - start);
      assert.ok(end - start <= 2 * MB, `reads ${end - start} bytes at once`);
      return Uint8Array.from({ length: end - start }, (_, i) => byteAt(start + i));
    },
  };
  return { file, seen };
}

/** Returns a zip as torch.save writes it, with the given pickle. */
const pth = (pickle: Uint8Array, level: 0 | 9 = 0): FileParts =>
  partsOf('some.pth', zipSync({ 'archive/data.pkl': pickle }, { level }));

describe('convert: truncated and altered files', () => {
  it('rejects a file truncated at any position', async () => {
    for (const [name, bytes] of await everyFormat()) {
      for (let i = 0; i < 40; i++) {
        const length = Math.floor((bytes.length * i) / 40);
        const message = await refusal(partsOf(name, bytes.subarray(0, length)));
        assert.ok(message.startsWith(`${name}: `), `${name} of ${length} bytes was taken`);
      }
    }
  });

  it('reports that the file is truncated', async () => {
    const cut = Object.fromEntries(
      (await everyFormat()).map(([name, bytes]) => [name, partsOf(name, bytes.subarray(0, -100))]),
    );
    assert.match(
      await refusal(cut['torchvision.pth']!),
      /^torchvision\.pth: not a file of torch\.save, or truncated \(/,
    );
    assert.match(await refusal(cut['torchvision.safetensors']!), /Is the file truncated\?/);
    assert.match(
      await refusal(cut['zoo.onnx']!),
      /^zoo\.onnx: not an ONNX file, or truncated: field 7 at byte \d+ must end by byte \d+, got \d+/,
    );
    assert.match(
      await refusal(cut['some.caffemodel']!),
      /^some\.caffemodel: not a \.caffemodel, or truncated: field 2 at byte \d+ must end by/,
    );
    assert.match(await refusal(partsOf('empty.pth', new Uint8Array(0))), /^empty\.pth: /);
    const mean = binaryproto([3, 2, 2], new Float32Array(12)).subarray(0, -4);
    await assert.rejects(
      readCaffeMean(partsOf('mean.binaryproto', mean)),
      /^WeightsError: mean\.binaryproto: not a mean file of Caffe/,
    );
  });

  it('converts or rejects an altered file, and never fails otherwise', async () => {
    for (const [name, bytes] of await everyFormat()) {
      const random = formula(`altered.${name}`, 2 * 120, 1);
      for (let i = 0; i < 120; i++) {
        const altered = bytes.slice();
        const headers = name.endsWith('pth') && i % 2 ? bytes.length - 1500 : 0; // where a zip has its table of contents
        altered[headers + Math.floor(((random[2 * i]! + 1) / 2) * Math.min(bytes.length, 1500))] =
          ((random[2 * i + 1]! + 1) / 2) * 256;
        await refusal(partsOf(name, altered));
      }
    }
  });
});

describe('convert: pickles', () => {
  it('rejects a pickle that requests os.system, in both notations, and names it', async () => {
    const global = text('\x80\x02cposix\nsystem\nX\x0c\0\0\0echo harmful\x85R.');
    assert.equal(
      await refusal(pth(global)),
      'some.pth: rejected because of its pickle: it imports posix.system, which no state dict needs.',
    );
    const stackGlobal = text('\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0cecho harmful\x85R.');
    assert.match(
      await refusal(pth(stackGlobal)),
      /it imports os\.system, which no state dict needs\.$/,
    );
  });

  it('rejects a pickled model, and unknown opcodes', async () => {
    assert.match(
      await refusal(pth(text('\x80\x02ctorchvision.models.alexnet\nAlexNet\n)\x81.'))),
      /is a pickled module \(torchvision\.models\.alexnet\.AlexNet\), whose code would have to run/,
    );
    assert.match(
      await refusal(pth(text('\x80\x02}\x99.'))),
      /byte 3 is the opcode 0x99, which no state dict needs/,
    );
    assert.match(
      await refusal(pth(text('\x80\x02}.'))),
      /must contain a state dict\. Save model\.state_dict\(\), not the model/,
    );
    assert.match(await refusal(pth(text('\x80\x02'))), /it ends unexpectedly at byte 2/);
  });

  it('reads a pickle that contains itself or is deeply nested', async () => {
    // _rebuild_parameter, whose arguments are a list that holds the call itself
    const circle = text(
      '\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_parameter\n]q\x00Rq\x01h\x00h\x01a0s.',
    );
    assert.match(await refusal(pth(circle)), /w: must be a tensor\.$/);
    const deep = text(`\x80\x02}${')'.padEnd(500_000, '\x85')}ctorch\nSize\n)Rs.`);
    assert.match(await refusal(pth(deep)), /must contain a state dict\./);
    const tensor = 'ctorch._utils\n_rebuild_tensor_v2\n)R';
    const named = text(`\x80\x02}${')'.padEnd(500_000, '\x85')}${tensor}s.`);
    assert.match(await refusal(pth(named)), /every tensor of the state dict must have a name\.$/);
    // a dict in which each of 26 dicts contains the one before twice
    const twice = Array.from({ length: 26 }, (_, i) => {
      const before = i === 0 ? '}' : `h${String.fromCharCode(i)}`;
      return `}q${String.fromCharCode(i + 1)}(K\x01${before}K\x02${before}u0`;
    });
    assert.match(
      await refusal(pth(text(`\x80\x02${twice.join('')}h\x1a.`))),
      /must contain a state/,
    );
    const name = 'x'.repeat(5000);
    assert.ok((await refusal(pth(text(`\x80\x02c${name}\n${name}\n.`)))).length < 200);
  });
});

describe('convert: zips', () => {
  it('rejects a zip bomb before it is unpacked', async () => {
    const bomb = pth(new Uint8Array(64 * MB), 9);
    assert.ok(bomb.size < MB);
    assert.equal(
      await refusal(bomb),
      'some.pth: data.pkl must be neither compressed nor encrypted.',
    );
  });

  it('rejects a pickle or a central directory of many megabytes before it is read', async () => {
    assert.match(
      await refusal(pth(new Uint8Array(2 * MB))),
      /data\.pkl must have at most 1048576 bytes, got 2097152/,
    );
    const many = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, i) => [
        `archive/data/${'0'.repeat(60)}${i}`,
        new Uint8Array(0),
      ]),
    );
    assert.match(
      await refusal(partsOf('some.pth', zipSync(many, { level: 0 }))),
      /its central directory must have at most 1048576 bytes, got \d{7}/,
    );
  });

  it('rejects tensors that are larger than their storage', async () => {
    const file = await fixture('torchvision.pth');
    const bytes = await file.read(0, file.size);
    const shape = Buffer.from(bytes).indexOf(
      Uint8Array.of(0x28, 0x4b, 4, 0x4b, 3, 0x4b, 11, 0x4b, 11, 0x74),
    ); // (4, 3, 11, 11)
    assert.ok(shape > 0);
    bytes[shape + 2] = 255;
    assert.match(
      await refusal(partsOf('some.pth', bytes)),
      /features\.0\.weight: data\/0 must have at least 370260 bytes, got 5808\.$/,
    );
  });
});

describe('convert: protocol buffers of 100 MB', () => {
  for (const [what, name, byteAt, message] of [
    [
      'of noise',
      'noise.onnx',
      (at: number) => (at === 0 ? 8 : (Math.imul(at + 1, 2654435761) >>> 13) & 255),
      /not an ONNX file, or truncated: /,
    ],
    [
      'of zeros',
      'zeros.caffemodel',
      () => 0,
      /^zeros\.caffemodel: is none of the files that can be converted: /,
    ],
    [
      'of nothing but fields',
      'fields.caffemodel',
      (at: number) => (at % 2 ? 1 : 0x08),
      /it must have at most 200000 fields/,
    ],
    [
      'of one field',
      'field.onnx',
      (at: number) => [0x08, 9, 0x3a, 0xfa, 0xff, 0xff, 0x31][at] ?? 0,
      /not an ONNX file, or truncated: /,
    ],
  ] as const) {
    it(`rejects ${what}, and reads little of it`, async () => {
      const { file, seen } = generated(name, 100 * MB, byteAt);
      const message_ = await refusal(file);
      assert.match(message_, message);
      assert.ok(seen.bytes < 6 * MB, `${seen.bytes} bytes were read`);
    });
  }

  it('rejects a tensor whose stated size is larger than its data', async () => {
    const layers = Object.keys(caffeWeights()).map((name) => ({
      name,
      blobs: [{ shape: [1e9, 1e9], values: new Float32Array(1) }],
    }));
    assert.match(
      await refusal(partsOf('x.caffemodel', caffemodel(layers))),
      /conv1\.0 with the shape 1000000000 × 1000000000 must have \d+ bytes, got 4/,
    );
  });
});

describe('convert: other networks', () => {
  it('rejects another network, and lists its layers', async () => {
    const vgg = caffemodel([
      { name: 'conv1_1', blobs: [{ shape: [1, 1, 1, 1], values: new Float32Array(1) }] },
    ]);
    assert.match(
      await refusal(partsOf('vgg.caffemodel', vgg)),
      /must be Caffe's AlexNet with layers conv1 to fc8, got conv1_1\.0\.$/,
    );
    const without = caffemodel(
      Object.entries(caffeWeights()).map(([name, { kernel }]) => ({ name, blobs: [kernel] })),
    );
    const error = await convert(partsOf('x.caffemodel', without)).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof WeightsError);
    assert.equal(error.problems.length, 8);
    assert.equal(
      error.problems[0],
      'conv1.1: must be in the file, since conv1/bias is read from it.',
    );
  });

  it('rejects a file of PyTorch before 1.6 that is truncated in its pickles', async () => {
    assert.equal(
      await refusal(partsOf('old.pth', text('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.'))),
      'old.pth: rejected because of its pickle: it ends unexpectedly at byte 15.',
    );
  });
});
