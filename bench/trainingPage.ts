/** The page of bench/training.mjs: training steps of alexnet-ts and of TensorFlow.js on WASM. */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths, type BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { paperAlexNet } from '../src/alexnet';
import { prepareTraining, type KernelVariant } from '../src/kernels/prepareTraining';
import { registerWasmKernels } from '../src/kernels/wasm/registerWasm';
import { dense, dropout, relu, sequential, type Sequential } from '../src/layers';
import { updateLayer } from '../src/layers/updateLayer';
import { initialize } from '../src/layers/init';
import { headLayers, headOurs } from './headTask';

type Tensors = Record<string, tf.Tensor>;

const RULE = { learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005 };

const backend = () => tf.backend() as unknown as BackendWasm;

const classifier = (classes: number) =>
  sequential(
    {
      fc6: dense({ units: 4096 }),
      relu6: relu(),
      drop6: dropout(),
      fc7: dense({ units: 4096 }),
      relu7: relu(),
      drop7: dropout(),
      fc8: dense({ units: classes }),
    },
    { inputShape: [9216] },
  );

/** One-hot labels. */
const targetsOf = (batch: number, classes: number) =>
  tf.tensor2d(
    Float32Array.from({ length: batch * classes }, (_, i) =>
      Number(i % classes === (7 * Math.floor(i / classes)) % classes),
    ),
    [batch, classes],
  );

/** Returns the gradient of the mean softmax cross-entropy with respect to the scores. */
const scoreGradient = (scores: tf.Tensor, targets: tf.Tensor) =>
  tf.tidy(() => tf.div(tf.sub(tf.softmax(scores), targets), scores.shape[0]!));

function start(net: Sequential): { params: Tensors; velocities: Tensors } {
  const specs = net.params();
  const params: Tensors = {};
  const velocities: Tensors = {};
  for (const [name, values] of initialize(specs, 1)) {
    params[name] = tf.tensor(values, [...specs[name]!.shape]);
    velocities[name] = tf.zeros([...specs[name]!.shape]);
  }
  return { params, velocities };
}

const tensorsOf = (tensors: Tensors, layer: string): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${layer}/`) ? [[name.slice(layer.length + 1), tensor]] : [],
    ),
  );

/** A step of alexnet-ts, layer by layer. Adds the milliseconds of each layer to `times`. */
function alexnetStep({
  net,
  x,
  targets,
  state: { params, velocities },
  seed,
  times,
}: {
  net: Sequential;
  x: tf.Tensor;
  targets: tf.Tensor;
  state: ReturnType<typeof start>;
  seed: number;
  times: Record<string, number>;
}) {
  let last = performance.now();
  const lap = (what: string) => {
    const now = performance.now();
    times[what] = (times[what] ?? 0) + now - last;
    last = now;
  };
  const steps = [];
  let y = x;
  for (const name of net.names) {
    const [step] = net.trace(y, params, {
      training: true,
      seed,
      upTo: name,
      ...(steps.length ? { after: steps.at(-1)!.name } : {}),
    });
    steps.push(step!);
    y = step!.pass.y;
    lap(`${name} forward`);
  }
  let dy: tf.Tensor = scoreGradient(y, targets);
  for (const [i, { name, layer, pass }] of [...steps.entries()].reverse()) {
    const next = updateLayer(layer, dy, pass, {
      velocities: tensorsOf(velocities, name),
      rule: RULE,
      inputGradient: i > 0,
    });
    for (const [key, tensor] of Object.entries(next.params)) params[`${name}/${key}`] = tensor;
    for (const [key, tensor] of Object.entries(next.velocities))
      velocities[`${name}/${key}`] = tensor;
    dy.dispose();
    if (pass.y !== pass.x) pass.y.dispose();
    if (next.x) dy = next.x;
    lap(`${name} backward`);
  }
}

/** The same for fc6 to fc8 with the gradients and ops of TensorFlow.js. */
function tfjsStep(
  x: tf.Tensor,
  targets: tf.Tensor,
  { params, velocities }: ReturnType<typeof start>,
  seed: number,
) {
  const gradients: Tensors = tf.tidy(() => {
    const layers = ['fc6', 'fc7', 'fc8'];
    const inputs: tf.Tensor2D[] = [x as tf.Tensor2D];
    const sums: tf.Tensor[] = [];
    const masks: tf.Tensor[] = [];
    for (const [i, layer] of layers.entries()) {
      const sum = tf.add(
        tf.matMul(inputs[i]!, params[`${layer}/kernel`] as tf.Tensor2D),
        params[`${layer}/bias`]!,
      );
      sums.push(sum);
      if (i === 2) break;
      masks.push(
        tf.mul(
          tf.cast(
            tf.greater(tf.randomUniform(sum.shape, 0, 1, 'float32', seed + i), 0.5),
            'float32',
          ),
          2,
        ),
      );
      inputs.push(tf.mul(tf.relu(sum), masks[i]!) as tf.Tensor2D);
    }
    const all: Tensors = {};
    let dy = scoreGradient(sums[2]!, targets) as tf.Tensor2D;
    for (let i = 2; i >= 0; i--) {
      const layer = layers[i]!;
      all[`${layer}/kernel`] = tf.matMul(inputs[i]!, dy, true, false);
      all[`${layer}/bias`] = tf.sum(dy, 0);
      if (i > 0) {
        const dx = tf.matMul(dy, params[`${layer}/kernel`] as tf.Tensor2D, false, true);
        dy = tf.mul(tf.mul(dx, masks[i - 1]!), tf.step(sums[i - 1]!)) as tf.Tensor2D;
      }
    }
    return all;
  });
  for (const [name, gradient] of Object.entries(gradients)) {
    const [weights, velocity] = [params[name]!, velocities[name]!];
    const next = tf.tidy(() => {
      const decayed = tf.add(gradient, tf.mul(weights, RULE.weightDecay));
      const moved = tf.sub(tf.mul(velocity, RULE.momentum), tf.mul(decayed, RULE.learningRate));
      return { moved, weights: tf.add(weights, moved) };
    });
    [weights, velocity, gradient].forEach((tensor) => tensor.dispose());
    params[name] = next.weights;
    velocities[name] = next.moved;
  }
}

interface Task {
  what: 'head ours' | 'head tfjs-layers' | 'fc ours' | 'fc stock' | 'all ours';
  batch: number;
  classes: number;
  speed?: KernelVariant;
}

let step: (seed: number, times: Record<string, number>) => unknown;

const page = {
  async open({ what, batch, classes, speed }: Task) {
    setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    await tf.setBackend('wasm');
    if (what === 'head ours' || what === 'head tfjs-layers') {
      const found = what === 'head ours' ? await prepareTraining('wasm') : 'plain';
      step = what === 'head ours' ? headOurs : headLayers;
      return found;
    }
    const net: Sequential = what === 'all ours' ? paperAlexNet(classes) : classifier(classes);
    const found =
      what === 'fc stock'
        ? 'plain'
        : speed
          ? await registerWasmKernels(backend(), { wanted: speed })
          : await prepareTraining('wasm');
    const state = start(net);
    const x = tf.randomUniform([batch, ...net.inputShape!], 0, 1, 'float32', 1);
    const targets = targetsOf(batch, classes);
    step = (seed, times) =>
      what === 'fc stock'
        ? tfjsStep(x, targets, state, seed)
        : alexnetStep({ net, x, targets, state, seed, times });
    return found;
  },
  /** Returns milliseconds of a step (for a head: of a whole training) and bytes of the heap. */
  async step(seed: number) {
    const times: Record<string, number> = {};
    const begin = performance.now();
    const accuracy = (await step(seed, times)) as number | undefined;
    return {
      accuracy,
      milliseconds: performance.now() - begin,
      times,
      heap: backend().wasm.HEAPU8.length,
    };
  },
};

Object.assign(globalThis, { bench: page });
