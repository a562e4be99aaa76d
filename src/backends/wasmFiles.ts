/**
 * Where TensorFlow.js' three .wasm files lie. `wasmFiles.node.ts` and `wasmFiles.umd.ts` stand in
 * for this file elsewhere.
 */

/**
 * Beside this package in node_modules, and on a CDN that serves npm packages by name. Bundlers that
 * know `new URL(…, import.meta.url)` (Vite, webpack 5, Parcel, …) copy the files into the build.
 */
export const defaultWasmPaths = (): Record<string, string> | undefined => ({
  'tfjs-backend-wasm.wasm': new URL(
    '../../@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-simd.wasm': new URL(
    '../../@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-threaded-simd.wasm': new URL(
    '../../@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm',
    import.meta.url,
  ).href,
});
