/** The activations of every layer, an occlusion test, and Grad-CAM. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 5,
  title: 'Inside the network',
  description:
    'The activation maps of every layer for your picture, and heat maps of what the network looks at.',
  paper: 'Figure 2',
  files: [
    'main.ts',
    'index.html',
    'layerView.ts',
    '../gallery/layerInfo.ts',
    'enlargedMap.ts',
    '../gallery/visibilityQueue.ts',
    '../gallery/attention/occlusion.ts',
    'occlusionView.ts',
    'gradCamView.ts',
    '../gallery/attention/gradCam.ts',
    '../gallery/tileGrid.ts',
  ],
  network: true,
};
