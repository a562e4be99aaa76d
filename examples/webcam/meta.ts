/** Classify what the camera sees. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 2,
  title: 'What does your camera see?',
  description: 'Hold things up to your camera and see live predictions.',
  paper: 'Figure 4, live',
  files: [
    'main.ts',
    'frameLoop.ts',
    'movingAverage.ts',
    'slideShow.ts',
    'index.html',
    '../gallery/camera.ts',
  ],
  network: true,
};
