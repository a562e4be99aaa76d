/** Writes .safetensors files for tests, independently of the converter. */

export interface TensorToWrite {
  dtype: 'F32' | 'F16' | 'BF16' | 'I8';
  shape: readonly number[];
  bytes: Uint8Array;
}

/** Returns a file of tensors and metadata. `patch` can corrupt the header. */
export function safetensorsFile(
  tensors: Record<string, TensorToWrite>,
  metadata: Record<string, string> = {},
  patch: (header: Record<string, unknown>) => void = () => {},
): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, (at += bytes.length)] };
  }
  patch(header);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  let place = 8 + json.length;
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, place);
    place += bytes.length;
  }
  return file;
}

/** Returns values as F32 bytes. */
export const float32Bytes = (values: ArrayLike<number>): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);
