/** Fetches the compiled kernels, a chunk of their own. `binaryFile.umd.ts` stands in for this file in the script-tag bundle. */

export const importBinary = () => import('./trainingBinary');
