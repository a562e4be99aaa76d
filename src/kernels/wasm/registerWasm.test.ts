/**
 * Tests the WebAssembly kernels against their references in TensorFlow.js ops, on many small odd
 * shapes and on the update rules.
 */
import {
  backend_util,
  engine,
  getKernel,
  registerKernel,
  tensor,
  tidy,
  unregisterKernel,
  zeros,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { BACKENDS } from '../../backends/backends';
import { onBackend } from '../../backends/activeBackend';
import { conv2d, dense, lrn, maxPool, relu, type Layer } from '../../layers';
import { random } from '../../layers/init';
import { sizeOf, type Shape } from '../../layers/layer';
import { updateLayer } from '../../layers/updateLayer';
import { expectNoLeak, onEveryBackend, type TestBackend } from '../../../test/support/backends';
import { expectClose } from '../../../test/support/close';
import { formula } from '../../../test/support/formula';
import type { KernelVariant } from '../prepareTraining';
import { registerWasmKernels } from './registerWasm';
import { TRAINING_VARIANTS } from '../../../test/support/simdVariants';

const uniform = random(2012);
/** An integer from `low` to `high`. */
const between = (low: number, high: number): number =>
  low + Math.floor(uniform() * (high - low + 1));

interface Case {
  layer: Layer;
  input: Shape;
}

/**
 * Cases with sizes that are not multiples of 4 or 8, single channels, strides larger than the
 * window, different padding on each side, and groups.
 */
const draw: Record<string, () => Case> = {
  conv2d() {
    const groups = between(1, 3);
    const size = between(1, 4);
    const side = () => between(0, size);
    const layer = conv2d({
      filters: groups * between(1, 11),
      size,
      stride: between(1, 2) === 1 ? 1 : between(1, 5),
      pad: { top: side(), right: side(), bottom: side(), left: side() },
      groups,
    });
    return {
      layer,
      input: [between(1, 3), between(size, 9), between(size, 9), groups * between(1, 9)],
    };
  },
  dense: () => ({
    layer: dense({ units: between(1, 130) }),
    input: [between(1, 19), between(1, 210)],
  }),
  lrn: () => ({
    layer: lrn({
      n: 2 * between(0, 3) + 1,
      k: between(1, 2),
      alpha: 0.3,
      beta: [0.5, 0.75, 1][between(0, 2)]!,
    }),
    input: [between(1, 2), between(1, 4), between(1, 4), between(1, 21)],
  }),
  maxPool() {
    const size = between(1, 4);
    const pad = between(0, size >> 1);
    const layer = maxPool({
      size,
      stride: between(1, 5),
      pad,
      overhang: between(0, size - 1 - pad),
    });
    return { layer, input: [between(1, 2), between(size, 9), between(size, 9), between(1, 11)] };
  },
  relu: () => ({ layer: relu(), input: [between(1, 5), between(1, 30)] }),
};

/** Larger cases, which run the loops over whole panels and blocks and their remainders. */
const LARGE: Record<string, Case> = {
  'conv2d with many positions': {
    layer: conv2d({ filters: 20, size: 3, pad: 1, groups: 2 }),
    input: [2, 17, 19, 12],
  },
  'conv2d with long windows': {
    layer: conv2d({ filters: 9, size: 3, pad: 1 }),
    input: [1, 5, 5, 401],
  },
  'conv2d of 3 x 3 filters in tiles': {
    layer: conv2d({
      filters: 48,
      size: 3,
      pad: { top: 0, right: 2, bottom: 1, left: 1 },
      groups: 2,
    }),
    input: [5, 13, 18, 32],
  },
  'conv2d of 5 x 5 filters in tiles': {
    layer: conv2d({ filters: 24, size: 5, pad: 2 }),
    input: [2, 15, 10, 16],
  },
  'dense with many inputs': { layer: dense({ units: 77 }), input: [7, 500] },
};

const formulaTensor = (name: string, shape: Shape, scale = 1): Tensor =>
  tensor(formula(name, sizeOf(shape), scale), [...shape]);

/** Output, gradients, and parameters and velocities after a step, by name. */
function everything({ layer, input }: Case): Record<string, () => Tensor> {
  const specs = Object.entries(layer.params(input.slice(1)));
  const params = () =>
    Object.fromEntries(specs.map(([name, { shape }]) => [name, formulaTensor(name, shape, 0.3)]));
  const pass = () => {
    const [x, parameters] = [formulaTensor('x', input), params()];
    return { x, params: parameters, y: layer.apply(x, parameters) };
  };
  const upstream = () => formulaTensor('dy', [input[0]!, ...layer.outputShape(input.slice(1))]);
  const step = () => {
    const velocities = Object.fromEntries(
      specs.map(([name, { shape }]) => [name, formulaTensor(`v ${name}`, shape, 0.2)]),
    );
    return updateLayer(layer, upstream(), pass(), {
      velocities,
      rule: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 },
      inputGradient: true,
    });
  };
  return {
    y: () => pass().y,
    'gradient by x': () => layer.backward(upstream(), pass()).x(),
    'x of the step': () => step().x!,
    ...Object.fromEntries(
      specs.flatMap(([name]) => [
        [`gradient by ${name}`, () => layer.backward(upstream(), pass()).params[name]!()],
        [`${name} after a step`, () => step().params[name]!],
        [`velocity of ${name}`, () => step().velocities[name]!],
      ]),
    ),
  };
}

const wasm = () => engine().registry.wasm as unknown as BackendWasm;

async function compare(
  backend: TestBackend,
  variant: KernelVariant,
  what: string,
  example: Case,
): Promise<void> {
  const text = `${what} ${JSON.stringify(example.layer.toJSON())} of [${example.input.join(', ')}]`;
  for (const [name, make] of Object.entries(everything(example))) {
    await registerWasmKernels(wasm(), { wanted: 'plain' });
    const expected = await backend.read(make);
    await registerWasmKernels(wasm(), { wanted: variant });
    expectClose(await backend.read(make), expected, 1e-5, `${text}: ${name}`);
  }
}

onEveryBackend(
  'WebAssembly kernels',
  (backend) => {
    afterAll(() => registerWasmKernels(wasm(), { wanted: 'plain' }));

    for (const variant of TRAINING_VARIANTS) {
      it(`${variant}: is supported by this machine`, async () =>
        expect(await registerWasmKernels(wasm(), { wanted: variant })).toBe(variant));

      for (const [what, example] of Object.entries(draw)) {
        it(`${variant}: ${what} matches its reference, for any shape`, () =>
          expectNoLeak(async () => {
            for (let i = 0; i < 25; i++) await compare(backend, variant, what, example());
          }));
      }
      for (const [what, example] of Object.entries(LARGE)) {
        it(`${variant}: ${what}`, () =>
          expectNoLeak(() => compare(backend, variant, what, example)));
      }
    }

    it('updates tensors in place, and products with them use the new values', async () => {
      await registerWasmKernels(wasm(), { wanted: 'simd' });
      await expectNoLeak(() =>
        backend.on(() => {
          const layer = dense({ units: 8 });
          const params = { kernel: formulaTensor('w', [12, 8]), bias: formulaTensor('b', [8]) };
          const x = formulaTensor('x', [2, 12]);
          const before = layer.applyWithRelu!(x, params); // packs the weights
          const y = layer.apply(x, params);
          const velocities = { kernel: zeros([12, 8]) as Tensor, bias: zeros([8]) as Tensor };
          const dy = formulaTensor('dy', [2, 8]);
          const next = updateLayer(
            layer,
            dy,
            { x, y, params },
            { velocities, rule: { learningRate: 1, momentum: 0, weightDecay: 0 } },
          );
          expect(next.params.kernel).toBe(params.kernel);
          expect(next.velocities.kernel).toBe(velocities.kernel);
          const [after, plain] = [
            layer.applyWithRelu!(x, next.params),
            layer.apply(x, next.params),
          ];
          expectClose(
            after.dataSync(),
            plain.dataSync().map((value) => Math.max(0, value)),
            1e-5,
            'after the update',
          );
          expect(Array.from(after.dataSync())).not.toEqual(Array.from(before.dataSync()));
          const all = [
            x,
            y,
            dy,
            before,
            after,
            plain,
            ...Object.values(next.params),
            ...Object.values(next.velocities),
          ];
          all.forEach((t) => t.dispose());
        }),
      );
    });

    it('registers Conv2DBackpropFilter for any stride and padding', async () => {
      const cases = [
        { x: [2, 7, 9, 3], filter: [3, 2, 3, 5], strides: 1, pad: 'same' },
        { x: [1, 9, 8, 2], filter: [3, 3, 2, 4], strides: [2, 3], pad: 'valid' },
        { x: [1, 6, 6, 1], filter: [5, 5, 1, 9], strides: 1, pad: 2 },
      ] as const;
      for (const variant of [...TRAINING_VARIANTS, 'plain'] as const) {
        await registerWasmKernels(wasm(), { wanted: variant });
        for (const { x, filter, strides, pad } of cases) {
          const run = () => {
            const [input, kernel] = [
              formulaTensor('x', x) as Tensor4D,
              formulaTensor('filter', filter) as Tensor4D,
            ];
            const { outShape } = backend_util.computeConv2DInfo(
              input.shape,
              kernel.shape,
              strides as number,
              1,
              pad,
            );
            return engine().runKernel(
              'Conv2DBackpropFilter',
              { x: input, dy: formulaTensor('dy', outShape) },
              {
                strides,
                pad,
                dataFormat: 'NHWC',
                filterShape: [...filter],
              } as never,
            ) as Tensor;
          };
          await BACKENDS.cpu.open({});
          const expected = onBackend('cpu', () => tidy(() => run().dataSync().slice()));
          expectClose(
            await backend.read(run),
            expected,
            1e-5,
            `${variant}: ${JSON.stringify({ x, filter, strides, pad })}`,
          );
        }
      }
    });

    it('keeps a Conv2DBackpropFilter that the app has registered', async () => {
      const appKernel = {
        kernelName: 'Conv2DBackpropFilter',
        backendName: 'wasm',
        kernelFunc: () => [],
      };
      const registered = getKernel(appKernel.kernelName, appKernel.backendName)!;
      unregisterKernel(appKernel.kernelName, appKernel.backendName);
      registerKernel(appKernel);
      try {
        await registerWasmKernels(wasm(), { wanted: 'simd' });
        expect(getKernel(appKernel.kernelName, appKernel.backendName)!.kernelFunc).toBe(
          appKernel.kernelFunc,
        );
      } finally {
        unregisterKernel(appKernel.kernelName, appKernel.backendName);
        registerKernel(registered);
      }
    });

    it('reports how much memory is needed when the heap is full', async () => {
      await registerWasmKernels(wasm(), { wanted: 'simd' });
      const malloc = wasm().wasm._malloc;
      backend.on(() => {
        const [x, dy] = [formulaTensor('x', [2, 3]), formulaTensor('dy', [2, 3])];
        wasm().wasm._malloc = () => 0;
        try {
          expect(() => relu().backward(dy, { x, y: x, params: {} }).x()).toThrowError(
            new RegExp(
              '^training: the WASM memory is full: it has [\\d.]+ MB, and 0\\.0 MB more are ' +
                'needed\\. Use a smaller batch or train fewer layers\\.$',
            ),
          );
        } finally {
          wasm().wasm._malloc = malloc;
        }
        [x, dy].forEach((t) => t.dispose());
      });
    });
  },
  ['wasm'],
);
