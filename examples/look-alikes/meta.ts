/** Finds similar pictures, as in figure 4 of the paper. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 6,
  title: 'Which pictures look alike?',
  description: 'Choose a folder of pictures, pick one, and see the others sorted by similarity.',
  paper: 'Figure 4, right',
  files: ['main.ts', '../gallery/distance.ts', 'indexing.ts', 'pictureIndex.ts', 'index.html'],
  network: true,
};
