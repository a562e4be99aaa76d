/** Compression and decompression, and files with more data than announced. */
import { formula } from '../../test/support/formula';
import { gunzip, gzip, inflate, isGzip } from './gzip';

/** Counts the bytes that come out of DecompressionStream until the test ends. */
function countInflated(): () => number {
  let inflated = 0;
  const Real = DecompressionStream;
  spyOn(globalThis, 'DecompressionStream').and.callFake(function (format: CompressionFormat) {
    const real = new Real(format);
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        inflated += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return {
      writable: real.writable,
      readable: (real.readable as ReadableStream<Uint8Array>).pipeThrough(counter),
    };
  } as unknown as () => DecompressionStream);
  return () => inflated;
}

describe('gzip', () => {
  const bytes = new Uint8Array(formula('gzip', 5000, 1).buffer);

  it('decompresses what it compressed', async () => {
    for (const part of [bytes, bytes.subarray(1, 2), new Uint8Array(100_000)]) {
      const packed = await gzip(part);
      expect(isGzip(packed)).toBeTrue();
      expect(await gunzip(packed, part.length)).toEqual(part);
    }
  });

  it('frees the memory of parts after onPart', async () => {
    const parts: Uint8Array[] = [];
    const lengths: number[] = [];
    const packed = await gzip(bytes);
    await inflate(packed, bytes.length, (part) => {
      parts.push(part);
      lengths.push(part.length);
    });
    expect(lengths.reduce((a, b) => a + b)).toBe(bytes.length);
    expect(parts.map(({ buffer }) => buffer.byteLength)).toEqual(parts.map(() => 0));
    expect(packed.length).toBeGreaterThan(8192); // which is more than a piece
    expect(await gunzip(packed, bytes.length)).toEqual(bytes);
  });

  it('detects a gzip file by its first two bytes', () => {
    expect(isGzip(Uint8Array.of(0x1f, 0x8b, 8))).toBeTrue();
    expect(isGzip(Uint8Array.of(0x1f))).toBeFalse();
    expect(isGzip(Uint8Array.of(0x8b, 0x1f))).toBeFalse();
    expect(isGzip(new Uint8Array())).toBeFalse();
  });

  it('rejects one byte too many and one too few', async () => {
    const packed = await gzip(bytes);
    await expectAsync(gunzip(packed, 19_999)).toBeRejectedWithError(
      'inflates to more than the 19999 bytes announced',
    );
    await expectAsync(gunzip(packed, 20_001)).toBeRejectedWithError(
      'inflates to 20000 bytes, 20001 were announced',
    );
  });

  it('rejects truncated, altered and other data', async () => {
    const packed = await gzip(bytes);
    const wrongSum = packed.slice();
    wrongSum[packed.length - 6]! ^= 1; // of the checksum at the end
    for (const wrong of [packed.subarray(0, 1000), wrongSum, bytes, new Uint8Array()]) {
      await expectAsync(gunzip(wrong, bytes.length)).toBeRejected();
    }
  });

  it('stops inflating a bomb: of 64 MB announced as 1000 bytes, less than a quarter is inflated', async () => {
    const zeros = new Blob([new Uint8Array(64e6)])
      .stream()
      .pipeThrough(new CompressionStream('gzip'));
    const bomb = new Uint8Array(await new Response(zeros).arrayBuffer());
    expect(bomb.length).toBeLessThan(100_000);
    const inflated = countInflated();
    await expectAsync(gunzip(bomb, 1000)).toBeRejectedWithError(
      'inflates to more than the 1000 bytes announced',
    );
    await new Promise((resume) => setTimeout(resume, 100)); // it must not continue in the background
    expect(inflated()).toBeGreaterThan(1000);
    expect(inflated()).toBeLessThan(16e6);
  });
});
