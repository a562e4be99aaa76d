// What a whole network in a memory of its own calls. Pointers are byte addresses; nothing is allocated or kept here.
export { SCRATCH_BYTES as scratchBytes, setScratch } from './tile';
export { panelBytes } from './gemm';
export { fillPositions, fillWindow, packFilters } from './conv2d';
export { convolveTiles, spreadFilters, tilesWorkspace } from './winograd';
export { codeBytes, CODES_WORK_BYTES as codesWorkBytes, listBytes, listInputs, multiplyCodes, packCodes } from './quantizedDense';
export { multiplyRow } from './dense';
export { GATHER_BYTES as gatherBytes, gatheredBytes, gatherRows, joinSums, joinSumsOfFour, sumsBytes, sumSparse, sumSparseOfFour } from './sparseDense';
export { normWorkspace } from './lrn';
export { poolRows } from './maxPool';
export { convolvePositions, normalisePixels, padRows, rectify } from './threadParts';
