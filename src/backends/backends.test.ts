/**
 * Backends: the self-test and its expected result, the choice of a backend, and that the app's own
 * backend is unchanged.
 */
import {
  KernelBackend,
  add,
  engine,
  env,
  registerBackend,
  registerKernel,
  removeBackend,
  tensor,
  unregisterKernel,
  getKernel,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import {
  EVERY,
  WASM_PATHS,
  expectNoLeak,
  onEveryBackend,
  onHalfFloats,
} from '../../test/support/backends';
import { relativeError } from '../../test/support/close';
import { BACKENDS, slowWebGL } from './backends';
import { drawsLikeSoftware } from './drawTime';
import { chooseBackend } from './chooseBackend';
import { dense, flatten, sequential } from '../layers';
import { create } from '../model/load';
import { isLost } from './contextLoss';
import { onBackend, open } from './activeBackend';
import { SELF_TEST_OUTPUT, selfTestValues } from '../engines/selfTest';
import { selfTest } from '../engines/tfjs/selfTest';

const options = { wasmPaths: WASM_PATHS };

/** Computes the self-test's network in double precision, with plain loops over plain arrays. */
function answerByLoops(): number[] {
  const { input, params } = selfTestValues();
  const [kernel, bias, weights, offset] = ['conv/kernel', 'conv/bias', 'fc/kernel', 'fc/bias'].map(
    (name) => params.get(name)!.values,
  );
  const side = 7; // (13 + 2 - 3) / 2 + 1
  const conv = (row: number, column: number, out: number): number => {
    let sum = bias![out]!;
    for (let u = 0; u < 3; u++) {
      for (let v = 0; v < 3; v++) {
        const [i, j] = [2 * row + u - 1, 2 * column + v - 1];
        if (i < 0 || j < 0 || i >= 13 || j >= 13) continue;
        for (let c = 0; c < 2; c++)
          sum +=
            kernel![((u * 3 + v) * 2 + c) * 8 + out]! *
            input[(i * 13 + j) * 4 + c + (out < 4 ? 0 : 2)]!;
      }
    }
    return Math.max(0, sum);
  };
  const norm = (row: number, column: number, channel: number): number => {
    let squares = 0;
    for (let c = Math.max(0, channel - 2); c <= Math.min(7, channel + 2); c++)
      squares += conv(row, column, c) ** 2;
    return conv(row, column, channel) / (2 + 1e-4 * squares) ** 0.75;
  };
  const pooled: number[] = [];
  for (let row = 0; row + 3 <= side; row += 2) {
    for (let column = 0; column + 3 <= side; column += 2) {
      for (let c = 0; c < 8; c++) {
        let best = -Infinity;
        for (let u = 0; u < 3; u++)
          for (let v = 0; v < 3; v++) best = Math.max(best, norm(row + u, column + v, c));
        pooled.push(best);
      }
    }
  }
  return [0, 1, 2, 3].map((unit) =>
    pooled.reduce((sum, value, i) => sum + value * weights![i * 4 + unit]!, offset![unit]!),
  );
}

describe('the self-test', () => {
  it('contains the right result', () =>
    expect(relativeError(SELF_TEST_OUTPUT, answerByLoops())).toBeLessThan(1e-6));
});

onEveryBackend('the self-test', ({ name }) => {
  it('passes, and leaks no tensor', () =>
    expectNoLeak(() => selfTest(BACKENDS[name as 'cpu'].tfBackend)));
});

onHalfFloats('the self-test', () => {
  it('passes', async () =>
    expect(await selfTest('alexnet-webgl-half').then(() => 'passed', String)).toBe('passed'));
});

describe('chooseBackend', () => {
  it('rejects an unknown name, and suggests the nearest', async () => {
    await expectAsync(chooseBackend('wsam' as never, { selfTest }, options)).toBeRejectedWithError(
      'load: backend must be a known name, got "wsam". Did you mean "wasm"? Known: auto, webgl, wasm, webgpu, cpu.',
    );
  });

  it('never chooses software WebGL by default: WASM is next, and passedOver has the reason', async () => {
    const software = await slowWebGL();
    const { name, passedOver } = await chooseBackend('auto', { selfTest }, options);
    if (software === undefined) expect(name).toBe('webgl');
    else {
      expect(name).toBe('wasm');
      expect(passedOver[0]!.name).toBe('webgl');
      expect(passedOver[0]!.reason).toMatch(
        /^its renderer is software \(.+\), which is slower than WASM$|^no WebGL$/,
      );
    }
  });

  it('measures the draw time of a renderer that hides its name', async () => {
    const { getParameter } = WebGL2RenderingContext.prototype;
    const real = await slowWebGL();
    if (!real?.startsWith('its renderer is software')) return; // a GPU, or no WebGL
    spyOn(WebGL2RenderingContext.prototype, 'getParameter').and.callFake(function (
      this: WebGL2RenderingContext,
      name: number,
    ) {
      const value: unknown = getParameter.call(this, name);
      return typeof value === 'string' ? 'Apple GPU' : value;
    });
    expect(await slowWebGL()).toBe(
      'its renderer (Apple GPU) draws as slowly as software, which is slower than WASM',
    );
  });

  it('measures a renderer once per page', () => {
    const gl = document.createElement('canvas').getContext('webgl2')!;
    const slow = drawsLikeSoftware(gl, 'measured once');
    const draws = spyOn(gl, 'drawArrays').and.callThrough();
    expect(drawsLikeSoftware(gl, 'measured once')).toBe(slow);
    expect(draws).not.toHaveBeenCalled();
  });

  it('asks a canvas of the document if OffscreenCanvas lacks WebGL', async () => {
    const before = await slowWebGL();
    spyOn(OffscreenCanvas.prototype, 'getContext').and.returnValue(null);
    expect(await slowWebGL()).toBe(before);
  });

  it('uses software WebGL when requested by name', async () => {
    expect(await chooseBackend('webgl', { selfTest }, options)).toEqual({
      name: 'webgl',
      tfBackend: BACKENDS.webgl.tfBackend,
      passedOver: [],
      options,
      wanted: 'webgl',
    });
  });

  it('says what to do for WebGPU when the app has not registered it', async () => {
    await expectAsync(chooseBackend('webgpu', { selfTest }, options)).toBeRejectedWithError(
      "load: backend \"webgpu\" cannot be used here: the app has not registered it: import '@tensorflow/tfjs-backend-webgpu' before loading. Use backend: 'auto', or another.",
    );
  });

  it('tries the next backend when one computes wrongly, and reports the error', async () => {
    const kernel = getKernel('LRN', 'wasm')!;
    unregisterKernel('LRN', 'wasm');
    registerKernel({
      ...kernel,
      kernelFunc: ({ inputs }) =>
        engine().makeTensor(new Float32Array(7 * 7 * 8), (inputs.x as Tensor).shape, 'float32'),
    });
    try {
      const { name, passedOver } = await chooseBackend('auto', { selfTest }, options);
      if ((await slowWebGL()) !== undefined) expect(name).toBe('cpu');
      expect(passedOver.find((passed) => passed.name === 'wasm')?.reason ?? '').toMatch(
        /^its self-test failed: value 0 is -?[\d.]+, 2\.27\d+ was expected$/,
      );
      await expectAsync(chooseBackend('wasm', { selfTest }, options)).toBeRejectedWithError(
        /^load: backend "wasm" cannot be used here: its self-test failed/,
      );
    } finally {
      unregisterKernel('LRN', 'wasm');
      registerKernel(kernel);
    }
  });

  it('stops when aborted', async () => {
    await expectAsync(
      chooseBackend('auto', { selfTest }, options, AbortSignal.abort(new Error('enough'))),
    ).toBeRejectedWithError('enough');
  });
});

describe('the backends of models and of the app', () => {
  const fields = () => {
    const { backendName, backendInstance } = engine() as unknown as {
      backendName: string | null;
      backendInstance: object | null;
    };
    return { backendName, backendInstance };
  };

  it("leaves the app's active backend as it was, even when the work throws", async () => {
    for (const name of EVERY) await BACKENDS[name].open(options);
    const before = fields();
    for (const name of EVERY) {
      onBackend(BACKENDS[name].tfBackend, () =>
        expect(engine().backendName).toBe(BACKENDS[name].tfBackend),
      );
      expect(() =>
        onBackend(BACKENDS[name].tfBackend, () => {
          throw new Error('broken');
        }),
      ).toThrowError('broken');
      expect(fields()).toEqual(before);
    }
  });

  it('may nest: the inner backend is restored before the outer one continues', () => {
    onBackend('cpu', () => {
      onBackend('wasm', () => expect(engine().backendName).toBe('wasm'));
      expect(engine().backendName).toBe('cpu');
    });
  });

  it('restores every global flag: threads are off only while WASM starts', () => {
    const { flags } = env() as unknown as { flags: Record<string, unknown> };
    expect(
      'WASM_HAS_MULTITHREAD_SUPPORT' in flags && flags.WASM_HAS_MULTITHREAD_SUPPORT === false,
    ).toBe(false);
  });

  it('restores the flag of the texture pool after two concurrent loads', async () => {
    const before = env().getNumber('WEBGL_DELETE_TEXTURE_THRESHOLD');
    const net = sequential(
      { flatten: flatten(), fc: dense({ units: 2 }) },
      { inputShape: [8, 8, 3] },
    );
    const models = await Promise.all([
      create(net, { backend: 'webgl' }),
      create(net, { backend: 'webgl' }),
    ]);
    expect(env().getNumber('WEBGL_DELETE_TEXTURE_THRESHOLD')).toBe(before);
    models.forEach((model) => model.dispose());
  });

  it('keeps a backend that TensorFlow.js initializes again for an operation run too early', async () => {
    for (const name of EVERY) await BACKENDS[name].open(options);
    const tf = engine() as unknown as {
      initializeBackend(name: string): { success: boolean | Promise<boolean> };
    };
    for (const name of EVERY) {
      const { tfBackend } = BACKENDS[name];
      const before = engine().registry[tfBackend];
      expect(await tf.initializeBackend(tfBackend).success).toBe(true);
      expect(engine().registry[tfBackend]).toBe(before);
    }
  });

  it('sets up the kernels of a backend that TensorFlow.js initialized without them', async () => {
    const setupFunc = jasmine.createSpy('setupFunc');
    const name = 'alexnet-test-early';
    class Early extends KernelBackend {
      override dispose(): void {}
    }
    registerBackend(name, async () => new Early(), -1);
    registerKernel({ kernelName: 'Early', backendName: name, kernelFunc: () => [], setupFunc });
    const tf = engine() as unknown as {
      initializeBackend(name: string): { success: Promise<boolean> };
    };
    try {
      void tf.initializeBackend(name);
      await open(name);
      await open(name);
      expect(setupFunc).toHaveBeenCalledTimes(1);
    } finally {
      unregisterKernel('Early', name);
      removeBackend(name);
    }
  });

  it('neither requests nor polls a fence of a lost context', async () => {
    await BACKENDS.webgl.open(options);
    const { tfBackend } = BACKENDS.webgl;
    isLost(tfBackend); // watches the context
    const { gpgpu } = engine().registry[tfBackend] as unknown as {
      gpgpu: { gl: WebGL2RenderingContext; createAndWaitForFence(): Promise<void> };
    };
    spyOn(gpgpu.gl, 'fenceSync').and.returnValue(null);
    spyOn(gpgpu.gl, 'clientWaitSync').and.throwError(new TypeError('not a WebGLSync')); // as WebKit
    await expectAsync(gpgpu.createAndWaitForFence()).toBeResolved();
  });

  it("registers backends with a lower priority than the app's, so that none becomes the default", () => {
    const { registryFactory } = engine();
    expect(registryFactory[BACKENDS.webgl.tfBackend]!.priority).toBeLessThanOrEqual(0);
  });

  it('keeps the tensors of each backend separate', async () => {
    const mine = onBackend(BACKENDS.webgl.tfBackend, () => tensor([1, 2, 3]));
    const others = onBackend('cpu', () => add(zeros([3]), 5));
    const doubled = onBackend(BACKENDS.webgl.tfBackend, () => add(mine, mine));
    expect(Array.from(await doubled.data())).toEqual([2, 4, 6]);
    expect(Array.from(await others.data())).toEqual([5, 5, 5]);
    for (const t of [mine, others, doubled]) t.dispose();
  });
});
