/** Bring ImageNet's 1000 classes. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 11,
  title: 'Bring ImageNet’s weights',
  description:
    'Convert the original weights with 1000 classes on your device, and use them on every page of this gallery.',
  paper: 'Section 2',
  files: [
    'main.ts',
    'worker.ts',
    'conversion.ts',
    'conversionView.ts',
    'weightsChooser.ts',
    'index.html',
    '../gallery/ownWeights.ts',
    '../gallery/network.ts',
  ],
  network: true,
  externalImages: true,
};
