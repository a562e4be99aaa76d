/** Webcam: the second example. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 2,
  title: 'What does your camera see?',
  sentence:
    'Hold things up to the camera: the network names them as fast as your machine can look.',
  paper: 'Figure 4, live',
  files: [
    'main.ts',
    'frameLoop.ts',
    'runningMean.ts',
    'slideShow.ts',
    'index.html',
    '../gallery/camera.ts',
  ],
};
