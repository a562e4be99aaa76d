/**
 * Replaces `packages.ts` in the script-tag bundle: takes the backends from the global `tf`, where
 * script tags put them.
 */

type Globals = { tf?: Record<string, unknown> & { wasm?: unknown } };

function fromGlobal<T>(found: unknown, name: string): Promise<T> {
  if (!found)
    return Promise.reject(
      new Error(
        `the script of @tensorflow/tfjs-backend-${name} is not on the page: add it before alexnet-ts`,
      ),
    );
  return Promise.resolve(found as T);
}

const tf = () => (globalThis as Globals).tf;

export const importCpu = (): Promise<typeof import('@tensorflow/tfjs-backend-cpu')> =>
  fromGlobal(tf()?.MathBackendCPU && tf(), 'cpu');
export const importWasm = (): Promise<typeof import('@tensorflow/tfjs-backend-wasm')> =>
  fromGlobal(tf()?.wasm, 'wasm');
export const importWebGL = (): Promise<typeof import('@tensorflow/tfjs-backend-webgl')> =>
  fromGlobal(tf()?.MathBackendWebGL && tf(), 'webgl');
