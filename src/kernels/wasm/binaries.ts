/**
 * The compiled kernels of src/engines/wasm/assembly, each in a chunk that is fetched on first use.
 * `binaries.umd.ts` replaces this file in the script-tag bundle.
 */

export const importTrainingBinary = () => import('./trainingBinary');
export const importInferenceBinary = () => import('./inferenceBinary');
