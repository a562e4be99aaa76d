/**
 * The trainer on every backend, against PyTorch's values: the loss, its gradient, and the update
 * rule (fixtures/README.md).
 */
import { engine, mul, tensor, type Tensor } from '@tensorflow/tfjs-core';
import golden from '../../../test/fixtures/golden.json';
import {
  HALF,
  WASM_PATHS,
  expectNoLeak,
  onEveryBackend,
  onHalfFloats,
  type TestBackend,
} from '../../../test/support/backends';
import { expectClose } from '../../../test/support/close';
import { formula } from '../../../test/support/formula';
import { BACKENDS } from '../../backends/backends';
import { registerWasmKernels } from '../../kernels/wasm/registerWasm';
import { constant } from '../../layers/init';
import type { Layer } from '../../layers/layer';
import { sequential } from '../../layers/sequential';
import { Trainer, type Batch, type StepSettings } from './trainer';
import { TRAINING_VARIANTS } from '../../../test/support/simdVariants';

const nameOf = ({ name }: TestBackend) =>
  name === 'webgl with half floats' ? HALF : BACKENDS[name].tfBackend;

/**
 * A layer whose scores are its inputs, and which records the gradient by the scores. The gradients
 * of its weights are given.
 */
function probe(weights: number, gradient: () => Float32Array): Layer & { dy?: Tensor } {
  const layer: Layer & { dy?: Tensor } = {
    type: 'probe',
    params: () => ({ w: { shape: [weights], init: constant(0) } }),
    outputShape: (input) => input,
    apply: (x) => mul(x, 1),
    backward: (dy) => {
      layer.dy = mul(dy, 1);
      return { x: () => mul(dy, 1), params: { w: () => tensor(gradient()) } };
    },
    toJSON: () => ({ type: 'probe' }),
  };
  return layer;
}

const { labels, loss, dz } = golden.crossEntropy;
const batch: Batch = { inputs: formula('xent.z', 4 * 7, 3), classes: labels };
const settings: StepSettings = { learningRates: {}, momentum: 0.9, weightDecay: 0, seed: 0 };

/** Runs one step on scores of 7 classes. */
async function step(backend: TestBackend): Promise<{ loss: number; dy: Float32Array }> {
  const tfBackend = nameOf(backend);
  const layer = probe(3, () => new Float32Array(3));
  const net = sequential({ probe: layer }, { inputShape: [7] });
  const tensors = backend.on(() => ({ 'probe/w': tensor(new Float32Array(3)) as Tensor }));
  const trainer = new Trainer({ net, tfBackend, tensors, trained: ['probe'] });
  try {
    const report = await trainer.step(batch, settings);
    return { loss: report.loss, dy: await backend.read(() => mul(layer.dy!, 1)) };
  } finally {
    layer.dy?.dispose();
    trainer.dispose();
  }
}

/** Runs the five steps of the golden values, and compares the weights after each. */
async function checkUpdates(backend: TestBackend): Promise<void> {
  const { lr, momentum, weightDecay, count, steps } = golden.sgd;
  const tfBackend = nameOf(backend);
  let now = 0;
  const layer = probe(count, () => formula(`sgd.g${now}`, count, 1));
  const net = sequential({ probe: layer }, { inputShape: [7] });
  const weights = formula('sgd.w', count, 1);
  const tensors = backend.on(() => ({ 'probe/w': tensor(weights) as Tensor }));
  const trainer = new Trainer({ net, tfBackend, tensors, trained: ['probe'] });
  try {
    for (now = 0; now < steps.length; now++) {
      await trainer.step(batch, { learningRates: { probe: lr }, momentum, weightDecay, seed: 0 });
      layer.dy!.dispose();
      const { weights: after } = await trainer.state();
      expectClose(after['probe/w']!, steps[now]!, 1e-5, `step ${now + 1}`);
    }
  } finally {
    trainer.dispose();
  }
}

function declareTests(backend: TestBackend): void {
  it('the loss: softmax cross-entropy matches PyTorch', async () =>
    expectClose([(await step(backend)).loss], [loss], backend.tolerance, 'loss'));
  it('the gradient of the loss by the scores matches PyTorch', async () =>
    expectClose((await step(backend)).dy, dz, backend.tolerance, 'gradient'));
  it("the paper's update rule: five steps match PyTorch", () => checkUpdates(backend));
  it('leaks no tensor', () => expectNoLeak(() => step(backend)));
}

onEveryBackend('the trainer', declareTests);

describe('the trainer with our WASM kernels', () => {
  beforeAll(async () => {
    await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
    const backend = engine().registry.wasm as never; // other tests may have chosen another variant
    const [wanted] = TRAINING_VARIANTS;
    expect(await registerWasmKernels(backend, { wanted })).toBe(wanted);
  });
  afterAll(() => registerWasmKernels(engine().registry.wasm as never, { wanted: 'plain' }));
  onEveryBackend('steps', declareTests, ['wasm']);
});

onHalfFloats('the trainer', (backend) => {
  it('the loss: softmax cross-entropy matches PyTorch', async () =>
    expectClose([(await step(backend)).loss], [loss], backend.tolerance, 'loss'));
});
