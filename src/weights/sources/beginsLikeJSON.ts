/** Tells a set of weights from a file of tensors. */

/** Whether a file begins with JSON, like a set's model.json. */
export function beginsLikeJSON(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  // The length before a .safetensors' header, and a protocol buffer, have control characters.
  return /^\uFEFF?\s*[[{]/.test(text) && [...text].every((char) => char >= ' ' || /\s/.test(char));
}
