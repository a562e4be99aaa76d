/** The activations of every layer, and an occlusion test. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 5,
  title: 'Inside the network',
  description:
    'The activation maps of every layer for your picture, and which part of the picture matters most.',
  paper: 'Figure 2',
  files: [
    'main.ts',
    'index.html',
    'layerView.ts',
    '../gallery/layerInfo.ts',
    'enlargedMap.ts',
    '../gallery/visibilityQueue.ts',
    'occlusion.ts',
    'occlusionView.ts',
    '../gallery/tileGrid.ts',
  ],
  network: true,
};
