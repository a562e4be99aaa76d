/** Writes a .safetensors of torchvision's whole AlexNet, with weights that a counter determines. */
import { open } from 'node:fs/promises';

/** The tensors of torchvision's alexnet: 61,100,840 weights. @type {[string, number[]][]} */
export const TENSORS = [
  ['features.0', [64, 3, 11, 11]],
  ['features.3', [192, 64, 5, 5]],
  ['features.6', [384, 192, 3, 3]],
  ['features.8', [256, 384, 3, 3]],
  ['features.10', [256, 256, 3, 3]],
  ['classifier.1', [4096, 9216]],
  ['classifier.4', [4096, 4096]],
  ['classifier.6', [1000, 4096]],
].flatMap(([name, shape]) => [
  [`${name}.weight`, shape],
  [`${name}.bias`, [shape[0]]],
]);

const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** Mixes the bits of a 32-bit integer: lowbias32 of Chris Wellons. */
function mixed(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Values within ±bound, of which the counter starts at `first`. */
export function values(first, count, bound) {
  const found = new Float32Array(count);
  for (let i = 0; i < count; i++) found[i] = (mixed(first + i) / 2 ** 31 - 1) * bound;
  return found;
}

const PART = 2 ** 20;

/** Writes the file to disk, a few megabytes at a time. @param {string} path */
export async function writeWholeAlexNet(path) {
  const header = {};
  let end = 0;
  for (const [name, shape] of TENSORS)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * sizeOf(shape))] };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([length, json]));
    let counter = 0;
    for (const [, shape] of TENSORS) {
      const count = sizeOf(shape);
      const bound = shape.length === 1 ? 0.01 : Math.sqrt(6 / sizeOf(shape.slice(1))); // He
      for (let at = 0; at < count; at += PART) {
        const part = values(counter + at, Math.min(PART, count - at), bound);
        await file.appendFile(new Uint8Array(part.buffer));
      }
      counter += count;
    }
  } finally {
    await file.close();
  }
}
