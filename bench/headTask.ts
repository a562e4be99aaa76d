/** headTask: trains a head of two classes on 200 features, with alexnet-ts and with tfjs-layers. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { dense, sequential } from '../src/layers';
import { random } from '../src/layers/init';
import { Features } from '../src/training/fine-tune/features';
import { trainHead, type HeadTask } from '../src/training/fine-tune/head';
import { constantRate } from '../src/training/loop/schedule';

const [PICTURES, LENGTH, EPOCHS, BATCH] = [200, 4096, 20, 16];

/** Returns two overlapping clusters of features, half of them zero as after a ReLU. */
function randomFeatures(): { rows: Float32Array[]; classes: number[] } {
  const uniform = random(1);
  const classes = Array.from({ length: PICTURES }, (_, i) => i % 2);
  const rows = classes.map((own) =>
    Float32Array.from({ length: LENGTH }, (_, i) =>
      Math.max(0, uniform() - 0.5 + (i % 7 === own ? 0.1 : 0)),
    ),
  );
  return { rows, classes };
}

/** A model that our engine computes: its head is trained without TensorFlow.js' backend. */
const wasm = { backend: { name: 'wasm', tfBackend: 'wasm', lazyTfjs: true, passedOver: [] } };

/** Trains with alexnet-ts. Returns the training accuracy. */
export async function headOurs(seed: number): Promise<number> {
  const { rows, classes } = randomFeatures();
  const features = new Features(LENGTH);
  rows.forEach((row, i) => features.add(classes[i]!, `image ${i}`, row));
  const weights = await trainHead({
    net: sequential({ fc8: dense({ units: 2 }) }, { inputShape: [LENGTH] }),
    head: 'fc8',
    base: wasm as unknown as HeadTask['base'],
    features,
    rows: { training: classes.map((_, i) => i), validation: [] },
    settings: {
      epochs: EPOCHS,
      batchSize: BATCH,
      learningRates: { fc8: 0.01 },
      momentum: 0.9,
      weightDecay: 0.0005,
      seed,
      schedule: constantRate(),
    },
    where: 'bench',
  });
  const [kernel, bias] = [weights['fc8/kernel']!, weights['fc8/bias']!];
  let correct = 0;
  for (const [i, row] of rows.entries()) {
    let difference = bias[1]! - bias[0]!;
    for (let j = 0; j < LENGTH; j++) difference += row[j]! * (kernel[2 * j + 1]! - kernel[2 * j]!);
    if (Number(difference > 0) === classes[i]) correct++;
  }
  return correct / PICTURES;
}

/** Trains with tfjs-layers. Returns the training accuracy. */
export async function headLayers(): Promise<number> {
  const { rows, classes } = randomFeatures();
  const model = layers.sequential({
    layers: [layers.layers.dense({ units: 2, activation: 'softmax', inputShape: [LENGTH] })],
  });
  model.compile({
    optimizer: new tf.MomentumOptimizer(0.01, 0.9),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const x = tf.tensor2d(
    rows.flatMap((row) => Array.from(row)),
    [PICTURES, LENGTH],
  );
  const y = tf.tensor2d(
    classes.flatMap((own) => [1 - own, own]),
    [PICTURES, 2],
  );
  const { history } = await model.fit(x, y, {
    epochs: EPOCHS,
    batchSize: BATCH,
    shuffle: true,
    yieldEvery: 'never',
  });
  tf.dispose([x, y]);
  model.dispose();
  return history.acc!.at(-1) as number;
}
