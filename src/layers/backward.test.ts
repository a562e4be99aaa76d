/**
 * Each layer's backward pass and update: compared with the gradient tape and PyTorch, and without
 * leaked tensors.
 */
import { clone, grads, tensor, zeros, type Tensor } from '@tensorflow/tfjs-core';
import golden from '../../test/fixtures/golden.json';
import { BACKENDS } from '../backends/backends';
import { registerOptimizedKernels } from '../kernels/optimizedKernels';
import { flattenKernel } from '../kernels/elementwise';
import { prepareTraining } from '../kernels/prepareTraining';
import {
  expectNoLeak,
  onEveryBackend,
  tensorCount,
  type TestBackend,
} from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  lrn,
  maxPool,
  relu,
  sequential,
  softmax,
  tanh,
  type Layer,
} from './index';
import { layerTypes } from './fromJSON';
import { sizeOf, type ForwardMode, type ForwardPass, type Shape } from './layer';
import { updateLayer } from './updateLayer';

interface Case {
  layer: Layer;
  /** With the batch axis. */
  input: Shape;
  mode?: ForwardMode;
}

const block = () =>
  sequential({
    conv: conv2d({ filters: 4, size: 3, pad: 1, groups: 2 }),
    relu: relu(),
    norm: lrn({ alpha: 0.1 }),
    pool: maxPool(),
    flatten: flatten(),
    drop: dropout(),
    fc: dense({ units: 3 }),
  });

const CASES: Record<string, Case> = {
  conv2d: {
    layer: conv2d({ filters: 4, size: 3, stride: 2, pad: { right: 1, bottom: 2 }, groups: 2 }),
    input: [2, 6, 5, 4],
  },
  dense: { layer: dense({ units: 5 }), input: [3, 7] },
  relu: { layer: relu(), input: [2, 9] },
  tanh: { layer: tanh(), input: [2, 9] },
  softmax: { layer: softmax(), input: [2, 9] },
  lrn: { layer: lrn({ alpha: 0.1 }), input: [2, 3, 3, 7] },
  maxPool: { layer: maxPool(), input: [2, 7, 7, 3] },
  'maxPool that rounds up': { layer: maxPool({ overhang: 1 }), input: [2, 8, 6, 3] },
  flatten: { layer: flatten(), input: [2, 3, 2, 4] },
  dropout: { layer: dropout(), input: [2, 30], mode: { training: true, seed: 5 } },
  'dropout outside training': { layer: dropout(), input: [2, 30] },
  sequential: { layer: block(), input: [2, 7, 7, 4], mode: { training: true, seed: 3 } },
  'a block within a sequential': {
    layer: sequential({ block: block(), last: relu() }),
    input: [1, 7, 7, 4],
  },
};

const drawn = (name: string, shape: Shape, scale = 1): Tensor =>
  tensor(formula(name, sizeOf(shape), scale), [...shape]);

function paramsOf({ layer, input }: Case): Record<string, Tensor> {
  const specs = Object.entries(layer.params(input.slice(1)));
  return Object.fromEntries(specs.map(([name, { shape }]) => [name, drawn(name, shape, 0.5)]));
}

/** A forward pass, and the gradient by its output. */
function forward(example: Case): { pass: ForwardPass; dy: Tensor } {
  const { layer, input, mode } = example;
  const params = paramsOf(example);
  const x = drawn('x', input);
  const y = layer.apply(x, params, mode);
  return { pass: { x, y, params, ...(mode ? { mode } : {}) }, dy: drawn('dy', y.shape) };
}

/**
 * The gradients according to `grads`, by the input (first) and each parameter. Reshaped, because
 * `grads` needs at least one operation.
 */
const byTape = ({ layer, mode }: Case, { x, params }: ForwardPass, dy: Tensor): Tensor[] =>
  grads((input: Tensor, ...values: Tensor[]) =>
    layer.apply(
      flattenKernel({ x: input }, { shape: input.shape }),
      Object.fromEntries(Object.keys(params).map((name, i) => [name, values[i]!])),
      mode,
    ),
  )([x, ...Object.values(params)], dy);

const RULE = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };

/** Applies the update rule to one value. */
const updated = (weights: Float32Array, velocity: Float32Array, gradient: Float32Array) => {
  const { learningRate, momentum, weightDecay } = RULE;
  return weights.map(
    (w, i) => w + momentum * velocity[i]! - learningRate * (weightDecay * w + gradient[i]!),
  );
};

async function checkUpdate(backend: TestBackend, example: Case) {
  const names = Object.keys(example.layer.params(example.input.slice(1)));
  for (const [i, name] of ['x', ...names].entries()) {
    const gradient = await backend.read(() => {
      const { pass, dy } = forward(example);
      return byTape(example, pass, dy)[i]!;
    });
    const actual = await backend.read(() => {
      const { pass, dy } = forward(example);
      const velocities = Object.fromEntries(
        names.map((param) => [param, drawn(`v ${param}`, pass.params[param]!.shape)]),
      );
      const next = updateLayer(example.layer, dy, pass, {
        velocities,
        rule: RULE,
        inputGradient: true,
      });
      return i === 0 ? next.x! : next.params[name]!;
    });
    if (i === 0) expectClose(actual, gradient, backend.tolerance, 'gradient by the input');
    else {
      const [weights, velocity] = [
        formula(name, gradient.length, 0.5),
        formula(`v ${name}`, gradient.length, 1),
      ];
      expectClose(actual, updated(weights, velocity, gradient), backend.tolerance, name);
    }
  }
}

describe('the backward tests', () => {
  it('cover every type of layer', () => {
    expect([...new Set(Object.values(CASES).map(({ layer }) => layer.type))].sort()).toEqual(
      [...layerTypes].sort(),
    );
  });
});

onEveryBackend('backward', (backend) => {
  for (const [name, example] of Object.entries(CASES)) {
    it(`${name}: matches TensorFlow.js' gradients`, () =>
      expectNoLeak(async () => {
        const names = Object.keys(example.layer.params(example.input.slice(1)));
        for (const [i, what] of ['x', ...names].entries()) {
          const expected = await backend.read(() => {
            const { pass, dy } = forward(example);
            return byTape(example, pass, dy)[i]!;
          });
          const actual = await backend.read(() => {
            const { pass, dy } = forward(example);
            const gradients = example.layer.backward(dy, pass);
            expect(Object.keys(gradients.params).sort()).toEqual([...names].sort());
            return i === 0 ? gradients.x() : gradients.params[what]!();
          });
          expectClose(actual, expected, 1e-5, what);
        }
      }));

    it(`${name}: creates one tensor for each gradient, when it is called`, () =>
      backend.on(() => {
        const { pass, dy } = forward(example);
        const before = [pass.x, pass.y, dy, ...Object.values(pass.params)];
        const count = tensorCount();
        const gradients = example.layer.backward(dy, pass);
        expect(tensorCount()).toBe(count);
        for (const gradient of [gradients.x, ...Object.values(gradients.params)]) {
          const made = gradient();
          expect(tensorCount()).toBe(count + 1);
          made.dispose();
        }
        expect(before.every((t) => !t.isDisposed)).toBeTrue();
        before.forEach((t) => t.dispose());
      }));

    it(`${name}: updateLayer updates, and leaks no tensor`, () =>
      expectNoLeak(() => checkUpdate(backend, example)));
  }

  it('updateLayer returns the same result after prepareTraining()', async () => {
    const { tfBackend } = BACKENDS[backend.name as 'wasm'];
    await prepareTraining(tfBackend);
    try {
      for (const example of [CASES.conv2d!, CASES.dense!, CASES.sequential!])
        await expectNoLeak(() => checkUpdate(backend, example));
    } finally {
      registerOptimizedKernels(tfBackend, () => undefined);
    }
  });

  it('a parameter without a velocity is unchanged', () =>
    expectNoLeak(() =>
      backend.on(() => {
        const { pass, dy } = forward(CASES.dense!);
        const velocities = { bias: zeros([5]) as Tensor };
        const next = updateLayer(CASES.dense!.layer, dy, pass, { velocities, rule: RULE });
        expect(next.params.kernel).toBe(pass.params.kernel!);
        expect(Object.keys(next.velocities)).toEqual(['bias']);
        for (const t of [
          pass.x,
          pass.y,
          dy,
          ...Object.values(next.params),
          ...Object.values(next.velocities),
        ])
          t.dispose();
      }),
    ));

  it('an update does not change a tensor that shares the values', () =>
    expectNoLeak(() =>
      backend.on(() => {
        const { pass, dy } = forward(CASES.dense!);
        const [kernel, shared] = [pass.params.kernel!, clone(pass.params.kernel!)];
        const was = Array.from(shared.dataSync());
        const velocities = { kernel: zeros(kernel.shape) as Tensor };
        const next = updateLayer(CASES.dense!.layer, dy, pass, { velocities, rule: RULE });
        expect(Array.from(shared.dataSync())).toEqual(was);
        expect(Array.from(next.params.kernel!.dataSync())).not.toEqual(was);
        for (const t of [
          pass.x,
          pass.y,
          dy,
          shared,
          ...Object.values(next.params),
          ...Object.values(next.velocities),
        ])
          t.dispose();
      }),
    ));

  it('dense with relu: matches PyTorch', async () => {
    const layer = sequential({ fc: dense({ units: 9 }), relu: relu() });
    const run = () => {
      const params = {
        'fc/kernel': drawn('dense.w', [70, 9], 0.5),
        'fc/bias': drawn('dense.b', [9], 0.1),
      };
      const x = drawn('dense.x', [3, 70]);
      return layer.backward(drawn('dense.g', [3, 9]), { x, y: layer.apply(x, params), params });
    };
    const { dx, dw, db } = golden.denseRelu;
    expectClose(await backend.read(() => run().x()), dx, backend.tolerance, 'x');
    expectClose(
      await backend.read(() => run().params['fc/kernel']!()),
      dw,
      backend.tolerance,
      'kernel',
    );
    expectClose(
      await backend.read(() => run().params['fc/bias']!()),
      db,
      backend.tolerance,
      'bias',
    );
  });
});
