/** A thousand classifications do not leak. See bench/soak.mjs for the whole network. */
import { backend, engine } from '@tensorflow/tfjs-core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { BACKENDS } from '../src/backends/backends';
import { onBackend } from '../src/backends/activeBackend';
import { conv2d, dense, flatten, lrn, maxPool, relu, sequential } from '../src/layers';
import { create } from '../src/model/load';
import { WASM_PATHS, tensorCount } from './support/backends';

const net = sequential(
  {
    conv1: conv2d({ filters: 8, size: 5, stride: 2 }),
    relu1: relu(),
    norm1: lrn(),
    pool1: maxPool(),
    conv2: conv2d({ filters: 8, size: 3, pad: 1, groups: 2 }),
    relu2: relu(),
    flatten: flatten(),
    fc: dense({ units: 5 }),
  },
  { inputShape: [32, 32, 3] },
);

/** What a backend holds besides tensors. */
const held = {
  webgl: () =>
    (engine().registry[BACKENDS.webgl.tfBackend] as unknown as MathBackendWebGL).numDataIds(),
  wasm: () => onBackend('wasm', () => (backend() as unknown as BackendWasm).wasm.HEAPU8.length),
};

for (const name of ['webgl', 'wasm'] as const) {
  describe(`a thousand classifications on ${name}`, () => {
    it('hold as much memory as after the tenth', async () => {
      const before = tensorCount();
      const model = await create(net, { backend: name, wasmPaths: WASM_PATHS });
      const picture = new ImageData(40, 30);
      for (let i = 0; i < 10; i++) await model.classify(picture);
      const [tensors, memory] = [tensorCount(), held[name]()];
      for (let i = 10; i < 1000; i++) await model.classify(picture);
      expect(tensorCount()).withContext('tensors').toBe(tensors);
      expect(held[name]())
        .withContext(name === 'wasm' ? 'bytes of the heap' : 'tensors on the GPU')
        .toBe(memory);
      model.dispose();
      expect(tensorCount()).withContext('tensors after dispose()').toBe(before);
    });
  });
}
