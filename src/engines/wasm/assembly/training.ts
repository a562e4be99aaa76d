// The kernels of training, which TypeScript calls. Pointers are byte addresses in the heap of TensorFlow.js'
// WASM backend, or in the memory of a WasmHeadTrainer; nothing is allocated or kept here.
export { SCRATCH_BYTES as scratchBytes, setScratch } from './tile';
export { fillRows, sumRows } from './gemm';
export { conv2d, conv2dFilterGradient, fillPositionOffsets, fillSegmentOffsets, packFilters, padImages, rotateFilters } from './conv2d';
export { conv2dWinograd, transformFilters, winogradWorkspace } from './winograd';
export { conv2dWinogradFilterGradient, winogradFilterGradientWorkspace } from './winogradFilterGradient';
export { denseInputGradient, denseKernelGradient, denseWorkspace, dense, denseUpdate } from './dense';
export { reluGradient } from './relu';
export { momentumUpdate } from './momentumUpdate';
export { lrn, lrnGradient, lrnWorkspace } from './lrn';
export { maxPoolGradient } from './maxPool';
