// What TypeScript calls. Pointers are byte addresses in TensorFlow.js' own memory; nothing is allocated or kept here.
export { SCRATCH_BYTES as scratchBytes, setScratch } from './tile';
export { fillRows, fillTable, panelBytes, sumRows } from './gemm';
export { convolve, filterGradient, fillPositions, fillWindow, packFilters, packTurnedFilters, padPictures } from './conv2d';
export { denseInputGradient, denseKernelGradient, denseWorkspace, multiplyDense, updateDense } from './dense';
export { rectifyGradient, updateMomentum } from './relu';
export { normalise, normaliseGradient, normWorkspace } from './lrn';
export { maxPoolGradient } from './maxPool';
