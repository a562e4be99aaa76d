/** Look-alikes: figure 4 of the paper, with pictures of one's own. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 6,
  title: 'Which pictures look alike?',
  sentence:
    'Point it at a folder: choose a picture, and the others line up by how alike the network finds them.',
  paper: 'Figure 4, right',
  files: ['main.ts', 'distance.ts', 'indexing.ts', 'pictureIndex.ts', 'index.html'],
};
