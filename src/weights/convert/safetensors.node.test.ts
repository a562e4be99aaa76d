/** readSafetensors: values of each type, partial reads, and rejected files. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WeightsError } from '../../errors';
import {
  float32Bytes,
  safetensorsFile,
  type TensorToWrite,
} from '../../../test/support/safetensors';
import type { FileParts } from './fileReader';
import { readSafetensors } from './safetensors';

const parts = (bytes: Uint8Array, reads: [number, number][] = []): FileParts => ({
  name: 'x.safetensors',
  size: bytes.length,
  read: async (start, end) => {
    reads.push([start, end]);
    return bytes.subarray(start, end);
  },
});

const two: Record<string, TensorToWrite> = {
  'a.kernel': { dtype: 'F32', shape: [2, 3], bytes: float32Bytes([1, -2, 3.5, 0, 1e-3, 7]) },
  'a.codes': { dtype: 'I8', shape: [4], bytes: new Uint8Array([0, 127, 128, 255]) },
};

const problemsOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  try {
    await readSafetensors(parts(bytes));
  } catch (error) {
    assert.ok(error instanceof WeightsError, String(error));
    return error.problems;
  }
  return [];
};

describe('readSafetensors', () => {
  it('returns names, shapes, values and metadata', async () => {
    const { tensors, metadata } = await readSafetensors(
      parts(safetensorsFile(two, { about: 'this' })),
    );
    assert.deepEqual([...tensors.keys()], ['a.kernel', 'a.codes']);
    assert.deepEqual(tensors.get('a.kernel')!.shape, [2, 3]);
    assert.deepEqual(Array.from(await tensors.get('a.kernel')!.values()), [
      1,
      -2,
      3.5,
      0,
      Math.fround(1e-3),
      7,
    ]);
    assert.deepEqual(Array.from(await tensors.get('a.codes')!.values()), [0, 127, -128, -1]);
    assert.deepEqual(metadata, { about: 'this' });
  });

  it('reads float16 and bfloat16', async () => {
    const bytes = (...words: number[]) => new Uint8Array(Uint16Array.from(words).buffer);
    const file = safetensorsFile({
      half: { dtype: 'F16', shape: [3], bytes: bytes(0x3c00, 0xc000, 0x3555) }, // 1, -2, 0.333…
      brain: { dtype: 'BF16', shape: [3], bytes: bytes(0x3f80, 0xc000, 0x3eab) }, // 1, -2, 0.334…
    });
    const { tensors } = await readSafetensors(parts(file));
    assert.deepEqual(Array.from(await tensors.get('half')!.values()), [1, -2, 0.333251953125]);
    assert.deepEqual(Array.from(await tensors.get('brain')!.values()), [1, -2, 0.333984375]);
  });

  it('reads only the header until a tensor is requested, and then only that tensor', async () => {
    const bytes = safetensorsFile(two);
    const reads: [number, number][] = [];
    const { tensors } = await readSafetensors(parts(bytes, reads));
    const data = bytes.length - 28;
    assert.deepEqual(reads, [
      [0, 8],
      [8, data],
    ]);
    await tensors.get('a.codes')!.values();
    assert.deepEqual(reads.at(-1), [data + 24, data + 28]);
  });

  it('rejects other files, and an impossible header before it is read', async () => {
    assert.deepEqual(await problemsOf(new Uint8Array(3)), [
      'a .safetensors file must have at least 8 bytes, got 3.',
    ]);
    const huge = safetensorsFile(two);
    huge.fill(255, 0, 8);
    assert.match(
      (await problemsOf(huge))[0]!,
      /^not a \.safetensors file, or truncated: its header would have 18446744073709552000 bytes/,
    );
    const text = safetensorsFile(two);
    text[8] = 33;
    assert.match((await problemsOf(text))[0]!, /its header must be JSON/);
  });

  it('lists every impossible tensor', async () => {
    const cut = safetensorsFile(two).subarray(0, -2);
    assert.deepEqual(await problemsOf(cut), [
      'a.codes: data_offsets must lie within 26 bytes, got [24,28]. Is the file truncated?',
    ]);
    const spoilt = safetensorsFile(two, {}, (header) => {
      Object.assign(header['a.kernel'] as object, { shape: [2, 4] });
      Object.assign(header['a.codes'] as object, { dtype: 'toString' });
      header.third = 3;
    });
    assert.deepEqual(await problemsOf(spoilt), [
      'a.kernel: 2 × 4 F32 must have 32 bytes, got 24.',
      'a.codes: dtype must be one of F32, F16, F64, BF16, I8, got "toString".',
      'third: a tensor must be { "dtype", "shape", "data_offsets" }, got 3.',
    ]);
  });
});
