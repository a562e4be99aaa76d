/** gzip, with the platform's streams. */
import { isShared } from './threads';

/**
 * Number of compressed bytes to inflate at a time. The stream inflates all of them before the first
 * part is read: at most 8 MB for a zip bomb.
 */
const PART_BYTES = 8192;

/** Whether bytes start with the signature of a gzip file. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function pipeBytes(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(body as ReadableStream).arrayBuffer());
}

/** Compresses bytes. */
export const gzip = (bytes: Uint8Array): Promise<Uint8Array> =>
  pipeBytes(bytes, new CompressionStream('gzip'));

/**
 * Returns a function that frees the memory of bytes that nothing else uses, by transferring it to a
 * closed port. Otherwise a browser collects up to 64 MB of such buffers before it frees them.
 */
function bufferDiscarder(): (bytes: Uint8Array) => void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return ({ buffer, byteLength }) => {
    // In Node, parts are views of one buffer.
    if (byteLength === buffer.byteLength && !isShared(buffer)) port1.postMessage(0, [buffer]);
  };
}

function inParts(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += PART_BYTES)));
      else controller.close();
    },
  });
}

/**
 * Decompresses bytes and passes them to `onPart`, part by part. Awaits each call, then frees the
 * part's memory.
 *
 * @throws Error unless there are `length` bytes. Stops early at more: a small file can hold
 * gigabytes.
 */
export async function inflate(
  bytes: Uint8Array,
  length: number,
  onPart: (part: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const gunzip = new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>;
  const reader = inParts(bytes).pipeThrough(gunzip).getReader();
  const discard = bufferDiscarder();
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      at += value.length;
      if (at > length) throw new Error(`inflates to more than the ${length} bytes announced`);
      await onPart(value);
      discard(value);
    }
  } finally {
    reader.cancel().catch(() => {}); // rejects if the stream has failed
  }
  if (at < length) throw new Error(`inflates to ${at} bytes, ${length} were announced`);
}

/** Decompresses bytes. Throws an Error unless there are `length` of them. */
export async function gunzip(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let at = 0;
  await inflate(bytes, length, (part) => {
    out.set(part, at);
    at += part.length;
  });
  return out;
}
