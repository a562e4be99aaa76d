/** The WebAssembly variants of our kernels that this browser can run, the fastest first. */
import type { SimdVariant } from '../../src/kernels/wasm/loadAssembly';

/** A module with i8x16.relaxed_swizzle. */
const RELAXED_SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15,
  65, 2, 253, 15, 253, 128, 2, 11,
];

/** Whether this browser has relaxed SIMD. WebKit 2.50 does not; Chromium and Firefox must. */
export const HAS_RELAXED_SIMD =
  WebAssembly.validate(Uint8Array.from(RELAXED_SIMD)) || /Chrome/.test(navigator.userAgent);

/** Of the inference kernels. */
export const INFERENCE_VARIANTS: readonly SimdVariant[] = HAS_RELAXED_SIMD
  ? ['relaxedSimd', 'simd']
  : ['simd'];

/** Of the training kernels, as `registerWasmKernels` names them. */
export const TRAINING_VARIANTS = HAS_RELAXED_SIMD
  ? (['relaxed simd', 'simd'] as const)
  : (['simd'] as const);
