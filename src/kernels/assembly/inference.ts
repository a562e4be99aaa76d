// What a whole network in a memory of its own calls. Pointers are byte addresses; nothing is allocated or kept here.
export { SCRATCH_BYTES as scratchBytes, setScratch } from './tile';
export { panelBytes } from './gemm';
export { convolve, fillPositions, fillWindow, packFilters, padPictures } from './conv2d';
export { convolveTiles, spreadFilters, tilesWorkspace } from './winograd';
export { codeBytes, codesWorkspace, multiplyCodes, packCodes } from './codes';
export { denseWorkspace, multiplyDense } from './dense';
export { GATHER_BYTES as gatherBytes, gatheredBytes, gatherRows, multiplySparse } from './sparse';
export { rectify } from './elementwise';
export { normalise, normWorkspace } from './localResponseNorm';
export { maxPool } from './maxPool2d';
