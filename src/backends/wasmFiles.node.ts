/** In Node, tfjs-backend-wasm finds its .wasm files itself. Stands in for `wasmFiles.ts`. */

export const defaultWasmPaths = (): Record<string, string> | undefined => undefined;
