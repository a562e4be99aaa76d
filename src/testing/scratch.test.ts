import { conv2d, memory, ready, setBackend, tensor4d, getBackend, env, type Tensor4D } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths, getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
setWasmPaths('/base/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
for (const backend of ['webgl', 'wasm', 'cpu']) {
  describe(`scratch on ${backend}`, () => {
    beforeAll(async () => { expect(await setBackend(backend)).toBeTrue(); await ready(); });
    it('convolves', async () => {
      const before = memory().numTensors;
      const x = tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      const k = tensor4d([1, 10, 100, 1000], [2, 2, 1, 1]);
      const y = conv2d(x as Tensor4D, k, 1, 'valid');
      expect(getBackend()).toBe(backend);
      expect(Array.from(await y.data())).toEqual([5421, 6532, 8754, 9865]);
      x.dispose(); k.dispose(); y.dispose();
      expect(memory().numTensors).toBe(before);
      if (backend === 'webgl') console.warn('WebGL', env().getNumber('WEBGL_VERSION'), env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'), (() => { const g = document.createElement('canvas').getContext('webgl2')!; return g.getParameter(g.RENDERER); })(), navigator.userAgent);
      if (backend === 'wasm') console.warn('isolated', crossOriginIsolated, 'threads', getThreadsCount(), env().getBool('WASM_HAS_MULTITHREAD_SUPPORT'), import.meta.url);
    });
    if (location.search.includes('never') || (globalThis as any).__karma__.config.args?.includes('fail'))
      it('fails', () => { expect([1]).toEqual([2]); throw new Error('thrown'); });
    xit('is skipped', () => {});
  });
}
