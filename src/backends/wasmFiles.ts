/**
 * The URLs of the three .wasm files of TensorFlow.js. Replaced by `wasmFiles.node.ts` in Node and
 * by `wasmFiles.umd.ts` in the script-tag bundle.
 */

/**
 * Returns the URLs relative to this package, as in node_modules or on a CDN that serves npm
 * packages by name. Bundlers that recognize `new URL(…, import.meta.url)` (Vite, webpack 5, Parcel,
 * …) copy the files into the build.
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
