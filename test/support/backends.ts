/** Runs a test on every backend, and checks for leaks. */
import { engine, env, type Tensor } from '@tensorflow/tfjs-core';
import { BACKENDS, type BackendName } from '../../src/backends/backends';
import { isOpen, onBackend, open, registerOwn } from '../../src/backends/activeBackend';

/** Where Karma serves TensorFlow.js' .wasm files. */
export const WASM_PATHS = '/base/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

/** Passed to the test body. */
export interface TestBackend {
  name: BackendName | 'webgl with half floats';
  /** Tolerance relative to the largest value of a tensor. */
  tolerance: number;
  /** Runs synchronous work on the backend. */
  on<T>(work: () => T): T;
  /** Runs work that returns a tensor, and reads it. Disposes everything. */
  read(work: () => Tensor): Promise<Float32Array>;
}

export const WEBGL: BackendName[] = ['webgl'];
export const EVERY: BackendName[] = ['webgl', 'wasm', 'cpu'];

/** The engine's name for it. */
export const HALF = 'alexnet-webgl-half';

/** Half-float textures, as on many phones: flags for creating and using a backend. */
const HALF_FLAGS: Record<string, boolean> = {
  WEBGL_FORCE_F16_TEXTURES: true,
  WEBGL_RENDER_FLOAT32_ENABLED: false,
};

function testBackend(
  name: TestBackend['name'],
  tfBackend: () => string,
  tolerance: number,
): TestBackend {
  const on = <T>(work: () => T) => onBackend(tfBackend(), work);
  return {
    name,
    tolerance,
    on,
    async read(work) {
      const result = on(() => engine().tidy(work)) as Tensor;
      try {
        return (await result.data()) as Float32Array;
      } finally {
        result.dispose();
      }
    },
  };
}

/** Declares the same tests for each backend: `describe('lrn on wasm', …)`. */
export function onEveryBackend(
  what: string,
  body: (backend: TestBackend) => void,
  names: readonly BackendName[] = EVERY,
): void {
  for (const name of names) {
    describe(`${what} on ${name}`, () => {
      beforeAll(() => BACKENDS[name].open({ wasmPaths: WASM_PATHS }));
      body(testBackend(name, () => BACKENDS[name].tfBackend, 1e-4));
    });
  }
}

/** The same on WebGL with half-float textures, with a tolerance of 2e-2. */
export function onHalfFloats(what: string, body: (backend: TestBackend) => void): void {
  describe(`${what} on webgl with half floats`, () => {
    const before: Record<string, boolean> = {};
    beforeAll(async () => {
      await BACKENDS.webgl.open({});
      // All are read before one is set: the second is derived from the first when it is first read.
      for (const flag of Object.keys(HALF_FLAGS)) before[flag] = env().getBool(flag);
      for (const [flag, value] of Object.entries(HALF_FLAGS)) env().set(flag, value);
      if (isOpen(HALF)) return;
      const { MathBackendWebGL } = await import('@tensorflow/tfjs-backend-webgl');
      registerOwn(HALF, 'webgl', () => new MathBackendWebGL(document.createElement('canvas')));
      await open(HALF);
    });
    afterAll(() => Object.entries(before).forEach(([flag, value]) => env().set(flag, value)));
    body(testBackend('webgl with half floats', () => HALF, 2e-2));
  });
}

/** Returns the number of tensors of all backends. */
export const tensorCount = (): number => engine().state.numTensors;

/** Expects `work` to leave the number of tensors unchanged. */
export async function expectNoLeak(work: () => unknown): Promise<void> {
  const before = tensorCount();
  await work();
  expect(tensorCount()).withContext('tensors after the call').toBe(before);
}
