/** augmentationFigure: random crops of the picture, as in training. */
import { sourceImageOf } from '../gallery/crops/sourceImage';
import { trainingViews } from '../gallery/crops/trainingViews';
import { byId } from '../gallery/elements';
import type { Figure } from './figures';

export function augmentationFigure(): Figure {
  const views = trainingViews();
  return {
    element: byId('augmentation-figure'),
    async show({ picture, model }) {
      views.show(await sourceImageOf(picture, model.preprocessing));
    },
  };
}
