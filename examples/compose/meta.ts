/** Compose your own: a network as a list of layers, its shapes and cost as one types, and a minute of training. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 8,
  title: 'Compose your own',
  sentence:
    'Write the layers of a network, one a line: shapes, parameters and cost follow as you type. A small one learns in a minute.',
  paper: 'Section 3.5',
  files: [
    'main.ts',
    'parse.ts',
    'analyse.ts',
    'presets.ts',
    'teach.ts',
    'worker.ts',
    'budget.ts',
    'index.html',
  ],
};
