/**
 * The backends' packages, fetched only when chosen. `packages.umd.ts` stands in for this file in
 * the script-tag bundle.
 */

export const importCpu = () => import('@tensorflow/tfjs-backend-cpu');
export const importWasm = () => import('@tensorflow/tfjs-backend-wasm');
export const importWebGL = () => import('@tensorflow/tfjs-backend-webgl');
