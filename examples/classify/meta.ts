/** Classify: the first example. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 1,
  title: 'What is in this picture?',
  sentence:
    'Give it a picture: the five classes it finds most probable, and how sure it is of each.',
  paper: 'Figure 4, left',
  files: ['main.ts', 'index.html', '../gallery/pictureInput.ts', '../gallery/bars.ts'],
  links: true,
};
