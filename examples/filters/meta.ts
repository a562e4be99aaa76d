/** The filters of conv1, and where each is active in a picture. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 4,
  title: 'What conv1 learned',
  description:
    'The 96 filters of the first layer. Point at one, or tap it, to see where in your picture it fires, and what excites it most.',
  paper: 'Figure 3',
  files: [
    'main.ts',
    'index.html',
    'excitingView.ts',
    'towerComparison.ts',
    '../gallery/conv1/excitingPatches.ts',
    '../gallery/conv1/filterWeights.ts',
    '../gallery/conv1/strongestActivation.ts',
    '../gallery/tileGrid.ts',
    '../gallery/imageOverlay.ts',
  ],
  network: true,
};
