/** Trains a classifier of the visitor's own classes in the tab. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 3,
  title: 'Train your own classifier',
  description:
    'Name your classes, add a few pictures of each, train, and download your own classifier.',
  paper: 'Transfer learning: a new last layer',
  files: [
    'main.ts',
    'workspace.ts',
    'training.ts',
    'trainingSet.ts',
    'pictureImport.ts',
    'classCards.ts',
    'confusionMatrix.ts',
    'modelTester.ts',
    'savedModels.ts',
    'map/mapSection.ts',
    '../gallery/map/placePictures.ts',
    '../gallery/map/layout.ts',
    '../gallery/map/pictureMap.ts',
    'index.html',
  ],
  network: true,
};
