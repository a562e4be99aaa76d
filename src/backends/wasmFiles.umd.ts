/**
 * From a script tag, tfjs-backend-wasm finds its .wasm files beside its own script. Stands in for
 * `wasmFiles.ts`.
 */

export const defaultWasmPaths = (): Record<string, string> | undefined => undefined;
