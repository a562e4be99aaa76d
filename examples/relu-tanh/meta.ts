/** ReLU against tanh: figure 1 of the paper, trained while you watch. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 7,
  title: 'ReLU against tanh',
  sentence:
    'Two small networks learn side by side, alike but for one function: the one that cuts off at zero gets there in fewer epochs.',
  paper: 'Figure 1',
  files: ['main.ts', 'race.ts', 'worker.ts', 'trainingErrors.mjs', 'drawnShapes.mjs', 'index.html'],
};
