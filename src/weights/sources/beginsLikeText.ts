/** Detects JSON and HTML, as opposed to a file of tensors. */

/**
 * Whether a file is empty, or begins like JSON (a set's model.json) or HTML. The reader of sets
 * then reports what is wrong with it.
 */
export function beginsLikeText(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  // The length before a .safetensors' header, and a protocol buffer, have control characters.
  return (
    /^\uFEFF?\s*([[{<]|$)/.test(text) && [...text].every((char) => char >= ' ' || /\s/.test(char))
  );
}
