/** Inside: the activations of every layer, and what the answer hangs on. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 5,
  title: 'Inside the network',
  sentence:
    'What every layer makes of your picture, map by map, and which part of the picture the answer hangs on.',
  paper: 'Figure 2',
  files: [
    'main.ts',
    'index.html',
    'layerView.ts',
    'layers.ts',
    'enlarge.ts',
    'whenSeen.ts',
    'occlusion.ts',
    'occlusionView.ts',
    '../gallery/atlas.ts',
  ],
};
