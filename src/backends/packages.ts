/**
 * Imports the packages of the backends, each when it is first needed. The script-tag bundle
 * contains `packages.umd.ts` instead.
 */

export const importCpu = () => import('@tensorflow/tfjs-backend-cpu');
export const importWasm = () => import('@tensorflow/tfjs-backend-wasm');
export const importWebGL = () => import('@tensorflow/tfjs-backend-webgl');
