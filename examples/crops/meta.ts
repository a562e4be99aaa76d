/** Crops: where training and testing look at a picture, and what training does to its colours. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 9,
  title: 'Crops and colours',
  sentence:
    'What training makes of one picture: crops, mirror images and shifts of colour. And the ten crops whose answers are averaged.',
  paper: 'Section 4.1',
  files: [
    'main.ts',
    'trainingViews.ts',
    'colourShifts.ts',
    'tenCrops.ts',
    'square.ts',
    'worker.ts',
    'index.html',
  ],
};
