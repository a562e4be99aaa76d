/** SHA-256 of bytes, in hexadecimal. */

/**
 * Uses the platform's implementation, or that of a library on pages that are not secure contexts,
 * where the platform has none.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
    : await fallbackDigest(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function fallbackDigest(bytes: Uint8Array): Promise<Uint8Array> {
  // Destructured directly, so that bundlers drop the module's other exports (SHA-512).
  const { sha256: digest } = await import('@noble/hashes/sha2.js');
  return digest(bytes);
}
