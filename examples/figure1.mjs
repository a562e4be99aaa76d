/**
 * Figure 1 of the paper: a four-layer network reaches 25 % training error in fewer epochs with ReLU than with tanh.
 *
 *     npm run build && node examples/figure1.mjs [--json]
 *
 * The paper's set is CIFAR-10; this one is drawn: four shapes of random place, size, turn and colour on noise, 32 × 32 pixels. The page
 * examples/relu-tanh trains the same.
 */
import { pathToFileURL } from 'node:url';
import { TrainingError } from 'alexnet-ts';
import { GOAL } from './relu-tanh/goal.mjs';
import { ACTIVATIONS, trainingErrors } from './relu-tanh/trainingErrors.mjs';

/** The epochs until the training error is 25 % or less, and the error of each. An exploding loss gets there never. */
export async function epochsTo25(activation, options) {
  const errors = [];
  try {
    for await (const error of trainingErrors(activation, options)) {
      errors.push(error);
      if (error <= GOAL) break;
    }
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
  }
  return { epochs: errors.at(-1) <= GOAL ? errors.length : Infinity, errors };
}

/** "The learning rates for each network were chosen independently to make training as fast as possible": the best of these. */
export const RATES = [0.0003, 0.001, 0.003];

async function main(json) {
  const best = {};
  for (const name of Object.keys(ACTIVATIONS)) {
    for (const learningRate of RATES) {
      const start = performance.now();
      const { epochs, errors } = await epochsTo25(name, { learningRate });
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.includes('--json'));
