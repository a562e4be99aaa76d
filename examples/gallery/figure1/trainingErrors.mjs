/** trainingErrors: trains the four-layer network of figure 1 with ReLU or tanh. */
import { create } from 'alexnet-ts';
import { conv2d, dense, flatten, maxPool, relu, sequential, tanh } from 'alexnet-ts/layers';
import { arrayData, constantRate, train } from 'alexnet-ts/training';
import { SHAPES, SIDE, shapesDataset } from './shapesDataset.mjs';

export const ACTIVATIONS = { relu, tanh };

/** A network with four weight layers, as for figure 1 of the paper. */
const network = (activation) =>
  sequential(
    {
      conv1: conv2d({ filters: 12, size: 5, stride: 2, pad: 2 }), //           16 × 16 × 12
      act1: activation(),
      pool1: maxPool({ size: 3, stride: 2 }), //                               7 ×  7 × 12
      conv2: conv2d({ filters: 16, size: 3, pad: 1, std: 0.1 }), //            7 ×  7 × 16
      act2: activation(),
      conv3: conv2d({ filters: 16, size: 3, pad: 1, std: 0.1 }), //            7 ×  7 × 16
      act3: activation(),
      pool3: maxPool({ size: 3, stride: 2 }), //                               3 ×  3 × 16
      flatten: flatten(),
      fc4: dense({ units: SHAPES.length, std: 0.1 }),
    },
    { inputShape: [SIDE, SIDE, 3] },
  );

/**
 * Yields the training error after each epoch. `break` ends training and disposes the network.
 *
 * @param {'relu' | 'tanh'} activation
 * @param {{ learningRate: number, count?: number, seed?: number, epochs?: number, backend?: 'wasm'
 * | 'cpu' | 'webgl' }} options
 * @returns {AsyncGenerator<number, void, void>}
 */
export async function* trainingErrors(
  activation,
  { learningRate, count = 400, seed = 1, epochs = 60, backend = 'wasm' },
) {
  const { values, classes } = shapesDataset(count);
  const model = await create(network(ACTIVATIONS[activation]), { labels: SHAPES, backend, seed });
  try {
    const options = {
      epochs,
      batchSize: 20,
      learningRate,
      weightDecay: 0.0005,
      schedule: constantRate(),
      seed,
    };
    for await (const { completed } of train(model, arrayData(values, classes), options)) {
      if (completed) yield 1 - completed.accuracy;
    }
  } finally {
    model.dispose();
  }
}
