/** Replaces `wasmFiles.ts` in Node, where tfjs-backend-wasm finds its .wasm files without help. */

export const defaultWasmPaths = (): Record<string, string> | undefined => undefined;
