/** Detects JSON and HTML, as opposed to a file of tensors. */

/**
 * Whether a file is empty or begins with JSON, like a set's model.json, or a page. A set's source
 * says what is wrong with it.
 */
export function beginsLikeText(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  // The length before a .safetensors' header, and a protocol buffer, have control characters.
  return (
    /^\uFEFF?\s*([[{<]|$)/.test(text) && [...text].every((char) => char >= ' ' || /\s/.test(char))
  );
}
