/** The crops and color shifts of training, and the ten crops of testing. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 9,
  title: 'Crops and colors',
  description:
    'How training augments a picture with crops, mirroring and color shifts, and how testing averages ten crops.',
  paper: 'Section 4.1',
  files: [
    'main.ts',
    '../gallery/crops/trainingViews.ts',
    'colorShifts.ts',
    'tenCrops.ts',
    '../gallery/crops/sourceImage.ts',
    '../gallery/crops/worker.ts',
    'index.html',
  ],
  network: true,
};
