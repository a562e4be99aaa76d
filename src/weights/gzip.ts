/** gzip through the platform's own streams. */

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(body as ReadableStream).arrayBuffer());
}

/** Packs bytes. */
export const gzip = (bytes: Uint8Array): Promise<Uint8Array> => through(bytes, new CompressionStream('gzip'));

/**
 * Unpacks what should be `length` bytes, and hands them on in parts, awaiting each; it stops when there are more, as a small file can
 * hold gigabytes.
 */
export async function inflate(bytes: Uint8Array, length: number, onPart: (part: Uint8Array) => void | Promise<void>): Promise<void> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      at += value.length;
      if (at > length) throw new Error(`inflates to more than the ${length} bytes announced`);
      await onPart(value);
    }
  } finally {
    reader.cancel().catch(() => {}); // one that was read to its end, or broke, is closed already
  }
  if (at < length) throw new Error(`inflates to ${at} bytes, ${length} were announced`);
}

/** Unpacks what should be `length` bytes. */
export async function gunzip(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let at = 0;
  await inflate(bytes, length, (part) => {
    out.set(part, at);
    at += part.length;
  });
  return out;
}
