/** uint4: the order of the nibbles, the error, the version of the format, and how it is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formula } from '../../../test/support/formula';
import {
  pickedFiles,
  readAll,
  tinyFacts,
  tinyNetwork,
  tinyTensors,
  tinyValues,
} from '../../../test/support/tinySet';
import { exportModel } from '../export/exportModel';
import { joined } from '../export/protobuf';
import { noCache } from '../read/cache';
import { readManifest, readTensors } from '../read/read';
import { weightSource } from '../read/source';
import { writeSet } from '../save/write';
import { decode } from './dequantize';
import { encode, KernelEncoder } from './quantize';
import { nibbleWidener, packNibbles, widenNibbles } from './uint4';

const set = (options = {}) =>
  writeSet(tinyFacts(), tinyTensors('uint4'), { compress: false, ...options });

describe('uint4', () => {
  it('stores the first value in the lower four bits, and pads the last byte', () => {
    assert.deepEqual([...packNibbles(Uint8Array.of(1, 15, 8, 0, 7))], [0xf1, 0x08, 0x07]);
    assert.deepEqual(
      [...widenNibbles(Uint8Array.of(0xf1, 0x08, 0x07), 5, 120)],
      [121, 135, 128, 120, 127],
    );
  });

  it('stores matrices with 15 values per channel, convolutions as uint8 and biases as float32', () => {
    const values = Float32Array.of(0.7, -3, 0.1, 3, -0.7, 1, 0.3, 0);
    const [factors, kernel] = encode('fc/kernel', [4, 2], values, 'uint4');
    assert.deepEqual(kernel!.entry.quantization, {
      ...{ dtype: 'uint4', scale: 1, min: -8, channelScale: 'fc/kernel/scale' },
    });
    const scale = decode(factors!.entry, factors!.bytes);
    const nibbles = [...widenNibbles(kernel!.bytes, 8, 120)].map((value) => value - 128);
    assert.ok(nibbles.every((value) => Math.abs(value) <= 7));
    assert.deepEqual([nibbles[0], nibbles[4], nibbles[7]], [7, -7, 0]);
    const decoded = decode(kernel!.entry, kernel!.bytes, scale);
    for (const [i, value] of values.entries())
      assert.ok(
        Math.abs(decoded[i]! - value) <= scale[i % 2]! / 2 + 1e-6,
        `${decoded[i]}, ${value}`,
      );
    const conv = encode('conv1/kernel', [1, 1, 4, 2], values, 'uint4');
    assert.equal(conv[1]!.entry.quantization!.dtype, 'uint8');
    assert.equal(
      encode('fc/bias', [2], Float32Array.of(1, 2), 'uint4')[0]!.entry.quantization,
      undefined,
    );
  });

  it('cuts off a few large values where that makes the others exact enough', () => {
    const values = formula('uint4.outlier', 4096, 0.01);
    values[17] = 0.04;
    const [factors, kernel] = encode('fc/kernel', [4096, 1], values, 'uint4');
    const scale = decode(factors!.entry, factors!.bytes);
    const decoded = decode(kernel!.entry, kernel!.bytes, scale);
    const error = (all: Float32Array) =>
      all.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0);
    const coarse = values.map((value) => Math.round(value / (0.04 / 7)) * (0.04 / 7));
    assert.ok(error(decoded) < 0.5 * error(coarse), `${error(decoded)}, ${error(coarse)}`);
    assert.ok(decoded[17]! > 0.01);
  });

  it('is encoded alike from a few channels at a time', () => {
    const values = formula('uint4.parts', 12 * 5, 1);
    const encoder = new KernelEncoder('fc/kernel', [12, 5], 'uint4');
    for (const [first, count] of [
      [3, 2],
      [0, 3],
    ] as const) {
      const block = Float32Array.from(
        { length: count * 12 },
        (_, i) => values[(i % 12) * 5 + first + Math.floor(i / 12)]!,
      );
      encoder.put(first, block);
    }
    assert.deepEqual(encoder.finish(), encode('fc/kernel', [12, 5], values, 'uint4'));
  });

  it('makes the set one of formatVersion 2, and only then', async () => {
    assert.equal((await set()).manifest.formatVersion, 2);
    assert.equal(
      (await writeSet(tinyFacts(), tinyTensors('uint8'), { compress: false })).manifest
        .formatVersion,
      1,
    );
  });

  it('decodes with another scale and min', () => {
    const entry = {
      ...{ name: 'fc', shape: [3], dtype: 'float32' as const },
      quantization: { dtype: 'uint4' as const, scale: 0.5, min: -1 },
    };
    assert.deepEqual([...decode(entry, Uint8Array.of(0xf0, 2))], [-1, 6.5, 0]);
  });

  it('is read from shards that end anywhere, and has half the bytes', async () => {
    const { fc2 } = { fc2: tinyValues()['fc2/kernel']! };
    for (const maxShardBytes of [256, 257, 1_000_000]) {
      const written = await set({ maxShardBytes });
      const params = await readAll(pickedFiles(written));
      const numbers = params['fc2/kernel']!;
      const worst = Math.max(...Array.from(numbers, (value, i) => Math.abs(value - fc2[i]!)));
      assert.ok(worst > 0 && worst <= 0.1 / 7, String(worst));
      const [factors, kernel] = encode('fc2/kernel', [288, 5], fc2, 'uint4');
      assert.deepEqual(
        numbers,
        decode(kernel!.entry, kernel!.bytes, decode(factors!.entry, factors!.bytes)),
      );
    }
    const bytes = async (as: 'uint4' | 'uint8') =>
      (await writeSet(tinyFacts(), tinyTensors(as), { compress: false })).manifest.shards[0]!.bytes;
    assert.equal((await bytes('uint8')) - (await bytes('uint4')), 720);
  });

  it('arrives as uint8, also at a sink, and progress counts the stored bytes', async () => {
    const source = weightSource(pickedFiles(await set({ maxShardBytes: 257 })));
    const manifest = await readManifest(source);
    const types: Record<string, string> = {};
    const parts: Uint8Array[] = [];
    let [loaded, total] = [0, 0];
    await readTensors(
      source,
      manifest,
      {
        cache: noCache(),
        sinkFor: ({ name, quantization }) => {
          types[name] = quantization?.dtype ?? 'float32';
          return name === 'fc2/kernel' ? (part) => void parts.push(part.slice()) : undefined;
        },
        onProgress: (progress) => {
          if (progress.phase === 'upload') ({ loaded, total } = progress);
        },
      },
      () => {},
    );
    assert.equal(types['fc2/kernel'], 'uint8');
    const values = joined(...parts);
    assert.equal(values.length, 1440);
    assert.ok(values.every((value) => Math.abs(value - 128) <= 7));
    assert.deepEqual([loaded, loaded > 0], [total, true]);
  });

  it('is widened by entries of odd sizes', () => {
    const entry = (size: number, uint4: boolean) => ({
      ...{ name: `${size}`, shape: [size], dtype: 'float32' as const },
      quantization: uint4 ? { dtype: 'uint4' as const, min: -8 } : { dtype: 'uint8' as const },
    });
    const bytes = Uint8Array.of(0x21, 0x03, 9, 9, 0x54, 0x06);
    for (const size of [1, 2, 3, 6]) {
      const widen = nibbleWidener([entry(3, true), entry(2, false), entry(3, true)]);
      const all: number[] = [];
      for (let at = 0; at < bytes.length; at += size)
        for (const part of widen(bytes.subarray(at, at + size))) all.push(...part);
      assert.deepEqual(all, [121, 122, 123, 9, 9, 124, 125, 126]);
    }
  });

  it('is widened in exports', async () => {
    const parts: Uint8Array[] = [];
    await exportModel(pickedFiles(await set()), (_, bytes) => void parts.push(bytes.slice()), {
      format: 'safetensors',
    });
    const file = Buffer.from(joined(...parts));
    const header = JSON.parse(
      file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0))),
    ) as Record<string, { dtype: string; shape: number[] }>;
    assert.deepEqual(
      Object.keys(header)
        .filter((name) => name.startsWith('fc2.kernel'))
        .map((name) => [name, header[name]!.dtype, header[name]!.shape])
        .at(0),
      ['fc2.kernel', header['fc2.kernel']!.dtype, [288, 5]],
    );
    assert.ok(['I8', 'F32'].includes(header['fc2.kernel']!.dtype));
    assert.ok(tinyNetwork().names.includes('fc2'));
  });
});
