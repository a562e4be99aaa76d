/** Classify a picture. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 1,
  title: 'What is in this picture?',
  description:
    'Choose a picture and see the five most probable classes, with the probability of each.',
  paper: 'Figure 4, left',
  files: ['main.ts', 'index.html', '../gallery/pictureInput.ts', '../gallery/bars.ts'],
  externalImages: true,
  network: true,
};
