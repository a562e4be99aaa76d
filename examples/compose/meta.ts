/** Designs a network as a list of layers, with shapes and cost, and trains it. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 8,
  title: 'Design a network',
  description:
    'Write one layer per line and see shapes, parameters and cost as you type. Train a small network in a minute.',
  paper: 'Section 3.5',
  files: [
    'main.ts',
    'parseLayers.ts',
    'analyze.ts',
    'presets.ts',
    'trainingRun.ts',
    'worker.ts',
    'trainingBudget.ts',
    'index.html',
  ],
};
