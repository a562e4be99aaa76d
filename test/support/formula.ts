/** Generates the inputs and weights of the fixtures: see fixtures/README.md. */

/**
 * Returns `count` float32 values in [offset − scale, offset + scale): a 32-bit integer hash of
 * FNV-1a(name) + index.
 */
export function formula(name: string, count: number, scale: number, offset = 0): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name))
    seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (seed + i) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h = (h ^ (h >>> 16)) >>> 0;
    values[i] = offset + scale * (h / 2 ** 31 - 1);
  }
  return values;
}
