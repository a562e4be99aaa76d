/** Trains a network with ReLU and one with tanh, as in figure 1 of the paper. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 7,
  title: 'ReLU vs. tanh',
  description:
    'Train two small networks side by side that differ only in the activation function. ReLU needs fewer epochs.',
  paper: 'Figure 1',
  files: [
    'main.ts',
    '../gallery/figure1/comparison.ts',
    '../gallery/figure1/worker.ts',
    '../gallery/figure1/trainingErrors.mjs',
    '../gallery/figure1/shapesDataset.mjs',
    'index.html',
  ],
};
