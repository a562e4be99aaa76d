/** Opens the WASM backend of TensorFlow.js. */
import { env } from '@tensorflow/tfjs-core';
import type { BackendOptions } from './backends';
import { importBackend, isOpen, open } from './activeBackend';
import { importWasm } from './packages';
import { defaultWasmPaths } from './wasmFiles';

/**
 * Opens the backend, which is shared with the app. Its threads are turned off: they run in blob:
 * workers, which a strict Content Security Policy forbids.
 */
export async function openWasm({ wasmPaths = defaultWasmPaths() }: BackendOptions): Promise<void> {
  const { setWasmPaths } = await importBackend(importWasm);
  if (isOpen('wasm')) return open('wasm');
  if (typeof WebAssembly === 'undefined') throw new Error('this browser offers no WebAssembly');
  if (wasmPaths) setWasmPaths(wasmPaths);
  const { flags } = env() as unknown as { flags: Record<string, unknown> };
  const undecided = !('WASM_HAS_MULTITHREAD_SUPPORT' in flags);
  if (undecided) flags.WASM_HAS_MULTITHREAD_SUPPORT = false;
  try {
    await open('wasm');
  } finally {
    if (undecided) delete flags.WASM_HAS_MULTITHREAD_SUPPORT;
  }
}
