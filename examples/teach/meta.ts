/** Teach it your own: a classifier of the visitor's own classes, trained in the tab. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 3,
  title: 'Teach it your own',
  sentence:
    'Name some classes, show it a few pictures of each, press Train, and take away a classifier that is yours.',
  paper: 'After the paper: a new last layer',
  files: [
    'main.ts',
    'training.ts',
    'album.ts',
    'arrivals.ts',
    'classCards.ts',
    'confusions.ts',
    'tryOut.ts',
    'savedModels.ts',
    'index.html',
  ],
};
