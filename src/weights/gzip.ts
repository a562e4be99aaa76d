/** gzip through the platform's own streams. */

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(body as ReadableStream).arrayBuffer());
}

/** Packs bytes. */
export const gzip = (bytes: Uint8Array): Promise<Uint8Array> => through(bytes, new CompressionStream('gzip'));

/** Unpacks what should be `length` bytes, and stops when there are more: a small file can hold gigabytes. */
export async function gunzip(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > length) {
      await reader.cancel();
      throw new Error(`inflates to more than the ${length} bytes announced`);
    }
    out.set(value, at);
    at += value.length;
  }
  if (at < length) throw new Error(`inflates to ${at} bytes, ${length} were announced`);
  return out;
}
