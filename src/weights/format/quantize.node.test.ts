/** Encodes and decodes weights: the error bounds of each type, and rejected values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import { formula } from '../../../test/support/formula';
import { decode } from './dequantize';
import { encode, encodeInt8, type Encoded, type StoredType } from './quantize';

/** Decodes the stored tensors of one parameter. */
function stored(encoded: readonly Encoded[]): Float32Array {
  const [first, second] = encoded;
  return second
    ? decode(second.entry, second.bytes, decode(first!.entry, first!.bytes))
    : decode(first!.entry, first!.bytes);
}

/** Returns 6 values per channel, each channel with its own scale. */
function channelsOf(scales: readonly number[]): Float32Array {
  return formula('quantize', 6 * scales.length, 1).map(
    (value, i) => value * scales[i % scales.length]!,
  );
}

describe('quantize: uint8', () => {
  it('has an error of at most half a step of the channel, whatever the other scales are', () => {
    const scales = [1, 1e-6, 300, 0.02, 2e10];
    const values = channelsOf(scales);
    const decoded = stored(encode('conv1/kernel', [1, 2, 3, 5], values, 'uint8'));
    for (let channel = 0; channel < scales.length; channel++) {
      const own = (all: Float32Array) => all.filter((_, i) => i % scales.length === channel);
      const largest = Math.max(...own(values).map(Math.abs));
      const worst = Math.max(...own(decoded).map((value, i) => Math.abs(value - own(values)[i]!)));
      assert.ok(
        worst <= (largest / 127 / 2) * (1 + 1e-5),
        `channel ${channel}: ${worst} of ${largest}`,
      );
      assert.ok(worst > largest / 127 / 200, `channel ${channel} is not quantized`);
    }
  });

  it('keeps the largest value of each channel, and its sign', () => {
    const decoded = stored(encode('fc/kernel', [2, 2], Float32Array.of(-3, 0.5, 1, 8), 'uint8'));
    assert.equal(decoded[0], -3);
    assert.equal(decoded[3], 8);
  });

  it('keeps a channel of zeros as zeros', () => {
    const decoded = stored(
      encode('fc/kernel', [3, 2], Float32Array.of(0, 1, 0, -1, 0, 0.5), 'uint8'),
    );
    assert.deepEqual([decoded[0], decoded[2], decoded[4]], [0, 0, 0]);
    assert.equal(decoded[1], 1);
  });

  it('never flips the sign of a value so small that its step is subnormal', () => {
    const tiny = 261 * 2 ** -149; // its step, 2.06 · 2^-149, is rounded to 2 · 2^-149: code 130.5
    const decoded = stored(encode('fc/kernel', [2, 1], Float32Array.of(tiny, -tiny), 'uint8'));
    assert.ok(decoded[0]! > 0 && decoded[1]! < 0, String(decoded));
  });

  it('stores one byte per value and one float32 factor per channel', () => {
    const [scale, codes] = encode('fc/kernel', [4, 3], formula('x', 12, 1), 'uint8');
    assert.deepEqual(scale!.entry, { name: 'fc/kernel/scale', shape: [3], dtype: 'float32' });
    assert.equal(scale!.bytes.length, 12);
    assert.equal(codes!.bytes.length, 12);
    assert.deepEqual(codes!.entry.quantization, {
      dtype: 'uint8',
      scale: 1,
      min: -128,
      channelScale: 'fc/kernel/scale',
    });
  });

  it('stores integers from −128 to 127 with given factors without loss', () => {
    const codes = Int8Array.from({ length: 256 }, (_, i) => i - 128);
    const factors = Float32Array.of(0.1, 1e-20, 3e4, 1);
    const decoded = stored(encodeInt8('fc/kernel', [64, 4], codes, factors));
    assert.deepEqual(
      decoded,
      Float32Array.from(codes, (code, i) => code * factors[i % 4]!),
    );
  });
});

describe('quantize: float16 and float32', () => {
  it('has a relative error of at most 2^-11 from 6.2e-5 to 65504', () => {
    const values = formula('half', 4000, 1).map((value, i) => value * 10 ** ((i % 9) - 4));
    const decoded = stored(encode('fc/kernel', [2000, 2], values, 'float16'));
    const worst = Math.max(
      ...values.map((value, i) =>
        Math.abs(value) < 6.2e-5 ? 0 : Math.abs(decoded[i]! / value - 1),
      ),
    );
    assert.ok(worst <= 2 ** -11, String(worst));
    assert.ok(worst > 2 ** -12, 'would not be half precision');
  });

  it('rejects a value out of the range of half precision', () => {
    assert.throws(
      () => encode('fc/kernel', [2, 2], Float32Array.of(1, 65519, -65520, 1), 'float16'),
      new OptionsError(
        'fc/kernel: float16 values must be at most 65504, got -65520 at index 2. Store it as float32.',
      ),
    );
  });

  it('stores float32 unchanged, as a copy', () => {
    const values = formula('full', 6, 1e-3);
    const [only] = encode('fc/kernel', [3, 2], values, 'float32');
    const before = values.slice();
    values.fill(0);
    assert.deepEqual(decode(only!.entry, only!.bytes), before);
  });

  it('decodes bytes at unaligned offsets', () => {
    const [only] = encode('fc/kernel', [2, 1], Float32Array.of(1.5, -2), 'float32');
    const [half] = encode('fc/kernel', [2, 1], Float32Array.of(1.5, -2), 'float16');
    for (const { entry, bytes } of [only!, half!]) {
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      assert.deepEqual(Array.from(decode(entry, shifted.subarray(1))), [1.5, -2]);
    }
  });

  it("decodes TensorFlow.js' scale and minimum, with one and two bytes per value", () => {
    const entry = (dtype: 'uint8' | 'uint16') => ({
      name: 'x',
      shape: [2],
      dtype: 'float32' as const,
      quantization: { dtype, scale: 0.5, min: -3 },
    });
    assert.deepEqual(Array.from(decode(entry('uint8'), Uint8Array.of(0, 255))), [-3, 124.5]);
    assert.deepEqual(
      Array.from(decode(entry('uint16'), new Uint8Array(Uint16Array.of(1, 65535).buffer))),
      [-2.5, 32764.5],
    );
  });
});

describe('quantize: types and values', () => {
  for (const as of ['uint8', 'float16'] as const) {
    it(`stores biases as float32 in a ${as} set`, () => {
      const values = formula('bias', 5, 1);
      const encoded = encode('fc/bias', [5], values, as);
      assert.equal(encoded.length, 1);
      assert.equal(encoded[0]!.entry.quantization, undefined);
      assert.deepEqual(stored(encoded), values);
    });
  }

  for (const as of ['uint8', 'float16', 'float32'] as const) {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      it(`rejects ${wrong} as ${as}, with the parameter's name and the index`, () => {
        assert.throws(
          () => encode('fc6/kernel', [2, 2], Float32Array.of(1, 2, 3, wrong), as),
          new OptionsError(
            `fc6/kernel: weights must be finite numbers, got ${wrong} at index 3. Did training diverge?`,
          ),
        );
      });
    }
  }

  it('rejects an unknown type', () => {
    assert.throws(
      () => encode('fc/kernel', [1, 1], Float32Array.of(1), 'int4' as StoredType),
      new OptionsError('quantize: must be float32, float16, uint8 or uint4, got int4.'),
    );
  });
});
