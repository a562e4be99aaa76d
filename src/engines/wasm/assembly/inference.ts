// The kernels of inference, which TypeScript calls. Pointers are byte addresses in a memory of the engine;
// nothing is allocated or kept here. Kernels that threads share end with (from, to, work): the part of the
// output to compute, and working memory for one thread.
export { SCRATCH_BYTES as scratchBytes, setScratch } from './tile';
export { panelBytes } from './gemm';
export { fillPositionOffsets, fillSegmentOffsets, packFilters } from './conv2d';
export { conv2dWinograd, transformFilters, winogradWorkspace } from './winograd';
export { quantizedPanelBytes, quantizedWorkBytes, denseQuantized, packQuantized } from './denseQuantized';
export { roundedInputBytes, roundInputs } from './roundInputs';
export { denseRange as dense } from './dense';
export { sparseRowBytes, packSparseRows, reduceSums, reduceSumsOf4, partialSumBytes, denseSparse, denseSparseOf4 } from './denseSparse';
export { lrnWorkspace } from './lrn';
export { maxPool } from './maxPool';
export { conv2dRange as conv2d } from './conv2d';
export { lrnRange as lrn } from './lrn';
export { conv2dPadRange as conv2dPad } from './conv2d';
export { reluRange as relu } from './relu';
export { fitsInt8, int8PanelBytes, int8StepBytes, int8WorkBytes, markSteps, packInt8, conv2dInt8 } from './conv2dInt8';
export { RANGE_BLOCK as rangeBlock, valueRange, conv2dQuantize } from './conv2dInt8Input';
