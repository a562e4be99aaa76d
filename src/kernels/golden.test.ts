/**
 * Tests every kernel, forward and backward, against PyTorch's float64 values (fixtures/README.md).
 */
import { engine, grads, tensor, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import golden from '../../test/fixtures/golden.json';
import {
  WASM_PATHS,
  onEveryBackend,
  onHalfFloats,
  tensorCount,
  type TestBackend,
} from '../../test/support/backends';
import { expectClose } from '../../test/support/close';
import { formula } from '../../test/support/formula';
import { tanhKernel, reluKernel } from './elementwise';
import { denseKernel } from './dense';
import { conv2dKernel } from './conv2d';
import { lrnKernel } from './lrn';
import { maxPoolKernel } from './maxPool';
import { prepareTraining } from './prepareTraining';
import { registerWasmKernels } from './wasm/registerWasm';
import { TRAINING_VARIANTS } from '../../test/support/simdVariants';

/** A tensor whose values the formula defines. */
interface Drawn {
  name: string;
  shape: number[];
  scale: number;
  offset?: number;
}

const draw = ({ name, shape, scale, offset }: Drawn): Tensor =>
  tensor(
    formula(
      name,
      shape.reduce((a, b) => a * b, 1),
      scale,
      offset,
    ),
    shape,
  );

/** An operation, its inputs, and PyTorch's output and gradient by each input. */
interface Case {
  inputs: Drawn[];
  apply: (...tensors: Tensor[]) => Tensor;
  /** The name of the upstream gradient. */
  upstream: string;
  y: number[];
  gradients: number[][];
}

const convCase = (key: 'convStride4' | 'convGroups2' | 'convPlain'): Case => {
  const { stride, pad, groups, xShape, wShape, y, dx, dw, db } = golden[key];
  const padding = { top: pad, right: pad, bottom: pad, left: pad };
  return {
    inputs: [
      { name: `${key}.x`, shape: xShape, scale: 1 },
      { name: `${key}.w`, shape: wShape, scale: 0.5 },
      { name: `${key}.b`, shape: [wShape[3]!], scale: 0.1 },
    ],
    apply: (x, kernel, bias) =>
      conv2dKernel({ x: x!, kernel: kernel!, bias: bias! }, { stride, padding, groups }),
    upstream: `${key}.g`,
    y,
    gradients: [dx, dw, db],
  };
};

const lrnCase = (key: 'lrn' | 'lrn2'): Case => {
  const { n, k, alpha, beta, xShape, xScale, y, dx } = golden[key];
  return {
    inputs: [{ name: `${key}.x`, shape: xShape, scale: xScale }],
    apply: (x) => lrnKernel({ x: x! }, { radius: (n - 1) / 2, k, alpha, beta }),
    upstream: `${key}.g`,
    y,
    gradients: [dx],
  };
};

const CASES: Record<string, Case> = {
  'lrn (n=5, k=2)': lrnCase('lrn'),
  'lrn (n=3, k=1, beta=0.5)': lrnCase('lrn2'),
  'conv2d with stride 4': convCase('convStride4'),
  'conv2d in two groups': convCase('convGroups2'),
  'conv2d with padding': convCase('convPlain'),
  'overlapping max pooling': {
    inputs: [{ name: 'pool.x', shape: golden.maxPool3s2.xShape, scale: 1 }],
    apply: (x) => maxPoolKernel({ x: x! }, { size: 3, stride: 2, pad: 0 }),
    upstream: 'pool.g',
    y: golden.maxPool3s2.y,
    gradients: [golden.maxPool3s2.dx],
  },
  'max pooling of negative values': {
    inputs: [
      { name: 'poolNegative.x', shape: golden.maxPoolAllNegative.xShape, scale: 0.5, offset: -1 },
    ],
    apply: (x) => maxPoolKernel({ x: x! }, { size: 3, stride: 2, pad: 0 }),
    upstream: 'poolNegative.g',
    y: golden.maxPoolAllNegative.y,
    gradients: [golden.maxPoolAllNegative.dx],
  },
  'max pooling that rounds up': {
    inputs: [
      { name: 'poolOverhang.x', shape: golden.maxPoolOverhang.xShape, scale: 0.5, offset: -1 },
    ],
    apply: (x) => maxPoolKernel({ x: x! }, { size: 3, stride: 2, pad: 0, overhang: 1 }),
    upstream: 'poolOverhang.g',
    y: golden.maxPoolOverhang.y,
    gradients: [golden.maxPoolOverhang.dx],
  },
  'dense with relu': {
    inputs: [
      { name: 'dense.x', shape: [3, 70], scale: 1 },
      { name: 'dense.w', shape: [70, 9], scale: 0.5 },
      { name: 'dense.b', shape: [9], scale: 0.1 },
    ],
    apply: (x, kernel, bias) =>
      reluKernel({ x: denseKernel({ x: x!, kernel: kernel!, bias: bias! }, {}) }, {}),
    upstream: 'dense.g',
    y: golden.denseRelu.y,
    gradients: [golden.denseRelu.dx, golden.denseRelu.dw, golden.denseRelu.db],
  },
  tanh: {
    inputs: [{ name: 'tanh.x', shape: [2, 9], scale: 2 }],
    apply: (x) => tanhKernel({ x: x! }, {}),
    upstream: 'tanh.g',
    y: golden.tanh.y,
    gradients: [golden.tanh.dx],
  },
};

async function checkForward(backend: TestBackend, { inputs, apply, y }: Case) {
  expectClose(await backend.read(() => apply(...inputs.map(draw))), y, backend.tolerance, 'output');
}

async function checkBackward(backend: TestBackend, { inputs, apply, upstream, gradients }: Case) {
  for (const [i, expected] of gradients.entries()) {
    const actual = await backend.read(() => {
      const tensors = inputs.map(draw);
      const dy = draw({ name: upstream, shape: apply(...tensors).shape, scale: 1 });
      return grads(apply)(tensors, dy)[i]!;
    });
    expectClose(actual, expected, backend.tolerance, `gradient by ${inputs[i]!.name}`);
  }
}

describe('formula', () => {
  it('rebuilds the values of the fixtures exactly', () => {
    const { name, scale, first } = golden.formulaSelfTest;
    expect(Array.from(formula(name, first.length, scale))).toEqual(first.map(Math.fround));
  });
});

describe('operations with the WebAssembly kernels', () => {
  beforeAll(async () => {
    await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
    expect(await prepareTraining('wasm')).toBe(TRAINING_VARIANTS[0]);
  });
  afterAll(() => registerWasmKernels(engine().registry.wasm as never, { wanted: 'plain' }));
  onEveryBackend(
    'operations',
    (backend) => {
      for (const [name, example] of Object.entries(CASES)) {
        it(`${name}: output matches PyTorch`, () => checkForward(backend, example));
        it(`${name}: gradients match PyTorch`, () => checkBackward(backend, example));
      }
    },
    ['wasm'],
  );
});

onEveryBackend('operations', (backend) => {
  for (const [name, example] of Object.entries(CASES)) {
    it(`${name}: output matches PyTorch`, () => checkForward(backend, example));
    it(`${name}: gradients match PyTorch`, () => checkBackward(backend, example));
    it(`${name}: leaks no tensor`, async () => {
      const before = tensorCount();
      await checkBackward(backend, example);
      expect(tensorCount()).toBe(before);
    });
  }

  it('max pooling of zeros: no upstream gradient is lost', async () => {
    const dx = await backend.read(() => {
      const x = zerosLike(draw({ name: 'x', shape: [1, 7, 7, 2], scale: 1 }));
      return grads((t: Tensor) => maxPoolKernel({ x: t }, { size: 3, stride: 2, pad: 0 }))([x])[0]!;
    });
    expect(dx.reduce((a, b) => a + b)).toBeCloseTo(18, 5); // 3 x 3 windows of 2 channels, 1 each
  });
});

onHalfFloats('operations', (backend) => {
  for (const [name, example] of Object.entries(CASES)) {
    it(`${name}: output matches PyTorch`, () => checkForward(backend, example));
  }
});
