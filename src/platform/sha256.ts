/** SHA-256 of bytes, in hexadecimal. */

/**
 * The platform's own where there is one; a page that is no secure context has none, and gets the
 * library's.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
    : (await import('@noble/hashes/sha2.js')).sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
