/**
 * Figure 1 of the paper: a four-layer network reaches 25 % training error in fewer epochs with ReLU than with tanh.
 *
 *     npm run build && node examples/figure1.mjs [--json]
 *
 * The paper's set is CIFAR-10; this one is drawn here: four shapes of random place, size, turn and colour on noise, 32 × 32 pixels.
 */
import { pathToFileURL } from 'node:url';
import { TrainingError, create } from 'alexnet-ts';
import { conv2d, dense, flatten, maxPool, relu, sequential, tanh } from 'alexnet-ts/layers';
import { constantRate, numbers, train } from 'alexnet-ts/training';

export const SHAPES = ['disc', 'triangle', 'cross', 'stripes'];
const SIDE = 32;

/** A seeded generator of uniform numbers in [0, 1): mulberry32. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether a point, with the shape's middle at 0 and its size 1, lies on the shape. */
const covers = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.75) < 0.25,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  triangle: (x, y) => y < 0.7 && y > -1 + 2 * Math.abs(x),
  cross: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.3,
  stripes: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.abs(y * 3 - Math.round(y * 3)) < 0.25,
};

/** `count` pictures, `[count, 32, 32, 3]` flat, levels of 0..255 less their mean as the paper's, and the index of the shape on each. */
export function shapes(count, seed = 1) {
  const uniform = generator(seed);
  const values = new Float32Array(count * SIDE * SIDE * 3);
  const classes = Array.from({ length: count }, (_, i) => i % SHAPES.length);
  classes.forEach((index, i) => {
    const size = 6 + 7 * uniform();
    const [left, top] = [size + (SIDE - 2 * size) * uniform(), size + (SIDE - 2 * size) * uniform()];
    const turn = (uniform() - 0.5) * 1.2;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [ground, ink] = [0, 1].map(() => [0, 1, 2].map(() => uniform() * 1.4 - 0.7));
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const [dx, dy] = [(column + 0.5 - left) / size, (row + 0.5 - top) / size];
        const on = covers[SHAPES[index]](dx * cos + dy * sin, dy * cos - dx * sin);
        for (let c = 0; c < 3; c++) {
          values[((i * SIDE + row) * SIDE + column) * 3 + c] = 127 * ((on ? ink : ground)[c] + (uniform() - 0.5) * 0.6);
        }
      }
    }
  });
  return numbers(values, classes);
}

/** Four layers that learn, as the paper's net for its figure 1. */
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

/** The epochs until the training error is 25 % or less, and the error of each. An exploding loss gets there never. */
export async function epochsTo25(activation, { learningRate, data = shapes(400), seed = 1, epochs = 60, backend = 'wasm' } = {}) {
  const model = await create(network(activation), { labels: SHAPES, backend, seed });
  const errors = [];
  try {
    const options = { epochs, batchSize: 20, learningRate, weightDecay: 0.0005, schedule: constantRate(), seed };
    for await (const { completed } of train(model, data, options)) {
      if (!completed) continue;
      errors.push(1 - completed.accuracy);
      if (errors.at(-1) <= 0.25) break;
    }
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
  } finally {
    model.dispose();
  }
  return { epochs: errors.at(-1) <= 0.25 ? errors.length : Infinity, errors };
}

/** "The learning rates for each network were chosen independently to make training as fast as possible": the best of these. */
export const RATES = [0.0003, 0.001, 0.003];

async function main(json) {
  const best = {};
  for (const [name, activation] of Object.entries({ relu, tanh })) {
    for (const learningRate of RATES) {
      const start = performance.now();
      const { epochs, errors } = await epochsTo25(activation, { learningRate });
      const seconds = (performance.now() - start) / 1000;
      if (!json)
        console.log(
          `${name.padEnd(5)} rate ${learningRate}: ${epochs === Infinity ? `not in ${errors.length}` : epochs} epochs, ${seconds.toFixed(1)} s`,
        );
      if (!best[name] || epochs < best[name].epochs) best[name] = { epochs, learningRate, errors };
    }
  }
  const times = best.tanh.epochs / best.relu.epochs;
  if (json) return console.log(JSON.stringify({ ...best, times }));
  console.log(
    `\nEpochs to 25 % training error: ReLU ${best.relu.epochs}, tanh ${best.tanh.epochs}: ReLU takes ${times.toFixed(1)} times fewer.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--json'));
