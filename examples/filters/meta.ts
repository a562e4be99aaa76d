/** Filters: what the first layer learned, and where it finds that in a picture. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 4,
  title: 'What conv1 learned',
  sentence:
    'The 96 filters of the first layer. Point at one to see where in your picture it finds what it looks for.',
  paper: 'Figure 3',
  files: [
    'main.ts',
    'index.html',
    'kernels.ts',
    'strongest.ts',
    '../gallery/atlas.ts',
    '../gallery/stage.ts',
  ],
};
