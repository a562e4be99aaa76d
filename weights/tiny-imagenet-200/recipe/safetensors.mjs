/** Reads a .safetensors file: a JSON header with dtype, shape and place of each tensor, then their bytes. */
import { readFile } from 'node:fs/promises';

const TYPES = { I8: Int8Array, F32: Float32Array };

/** The tensors of a file, by name: `{ shape, values }`. */
export async function readSafetensors(file) {
  const bytes = await readFile(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) throw new Error(`${file}: not a .safetensors file: its header would have ${headerLength} bytes.`);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
  const start = 8 + headerLength;
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: place }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = place;
    const Values = TYPES[dtype];
    if (!Values) throw new Error(`${file}: ${name}: its dtype is one of ${Object.keys(TYPES).join(', ')}, got ${dtype}.`);
    tensors.set(name, { shape, values: new Values(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer) });
  }
  return tensors;
}
