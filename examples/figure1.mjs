/**
 * Reproduces figure 1 of the paper: a four-layer network reaches 25 % training error in fewer
 * epochs with ReLU than with tanh.
 *
 *     npm run build && node examples/figure1.mjs [--json]
 *
 * The paper uses CIFAR-10; this uses generated 32 × 32 images of four shapes on noise, like the
 * page examples/relu-tanh.
 */
import { pathToFileURL } from 'node:url';
import { TrainingError } from 'alexnet-ts';
import { TARGET_ERROR } from './gallery/figure1/targetError.mjs';
import { ACTIVATIONS, trainingErrors } from './gallery/figure1/trainingErrors.mjs';

/** Returns the number of epochs to 25 % training error (Infinity if not reached) and all errors. */
export async function epochsTo25(activation, options) {
  const errors = [];
  try {
    for await (const error of trainingErrors(activation, options)) {
      errors.push(error);
      if (error <= TARGET_ERROR) break;
    }
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
  }
  return { epochs: errors.at(-1) <= TARGET_ERROR ? errors.length : Infinity, errors };
}

/** As in the paper, the best learning rate is chosen for each network independently. */
export const LEARNING_RATES = [0.0003, 0.001, 0.003];

async function main(json) {
  const best = {};
  for (const name of Object.keys(ACTIVATIONS)) {
    for (const learningRate of LEARNING_RATES) {
      const start = performance.now();
      const { epochs, errors } = await epochsTo25(name, { learningRate });
      const seconds = (performance.now() - start) / 1000;
      if (!json)
        console.log(
          `${name.padEnd(5)} learning rate ${learningRate}: ${epochs === Infinity ? `more than ${errors.length}` : epochs} epochs, ${seconds.toFixed(1)} s`,
        );
      if (!best[name] || epochs < best[name].epochs) best[name] = { epochs, learningRate, errors };
    }
  }
  const times = best.tanh.epochs / best.relu.epochs;
  if (json) return console.log(JSON.stringify({ ...best, times }));
  console.log(
    `\nEpochs to 25 % training error: ReLU ${best.relu.epochs}, tanh ${best.tanh.epochs} (${times.toFixed(1)} times as many).`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.includes('--json'));
