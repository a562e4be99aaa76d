/** SHA-256 of bytes, in hexadecimal. */

/**
 * Uses the platform's implementation, or that of a library on pages that are not secure contexts,
 * where the platform has none.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
    : await digestOf(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function digestOf(bytes: Uint8Array): Promise<Uint8Array> {
  const { sha256 } = await import('@noble/hashes/sha2.js'); // bundlers leave out SHA-512
  return sha256(bytes);
}
