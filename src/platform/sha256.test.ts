/** SHA-256: the platform's implementation and that of the library return the same. */
import { formula } from '../../test/support/formula';
import { sha256 } from './sha256';

describe('sha256', () => {
  const withoutSubtle = () =>
    spyOnProperty(globalThis.crypto, 'subtle', 'get').and.returnValue(
      undefined as unknown as SubtleCrypto,
    );
  const abc = new TextEncoder().encode('abc');
  const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'; // FIPS 180-4, example B.1
  const ofNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it("matches the standard's test vectors", async () => {
    expect(await sha256(abc)).toBe(ofAbc);
    expect(await sha256(new Uint8Array())).toBe(ofNothing);
  });

  it('is the same without crypto.subtle, on a page that is not a secure context', async () => {
    const subtle = spyOn(crypto.subtle, 'digest').and.callThrough();
    withoutSubtle();
    expect(await sha256(abc)).toBe(ofAbc);
    expect(await sha256(new Uint8Array())).toBe(ofNothing);
    expect(subtle).not.toHaveBeenCalled();
  });

  it('is the same in both implementations at lengths around the block size, and for part of a buffer', async () => {
    const noise = new Uint8Array(formula('sha256', 1000, 1).buffer);
    const parts = [
      ...Array.from({ length: 130 }, (_, length) => noise.subarray(3, 3 + length)),
      noise,
    ];
    const platform: string[] = [];
    for (const part of parts) platform.push(await sha256(part));
    withoutSubtle();
    for (const [i, part] of parts.entries())
      expect(await sha256(part))
        .withContext(`${part.length} bytes`)
        .toBe(platform[i]!);
    expect(new Set(platform).size).toBe(parts.length);
  });
});
