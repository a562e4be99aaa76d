/**
 * Replaces `wasmFiles.ts` in the script-tag bundle: tfjs-backend-wasm looks for its .wasm files
 * next to its own script.
 */

export const defaultWasmPaths = (): Record<string, string> | undefined => undefined;
