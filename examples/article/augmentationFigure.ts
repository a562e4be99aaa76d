/** augmentationFigure: random crops of the picture, as in training. */
import { byId } from '../gallery/elements';
import type { Figure } from './figures';

export function augmentationFigure(): Figure {
  /** Loaded with the figure: it needs a part of TensorFlow.js. */
  let views: ReturnType<typeof load> | undefined;
  return {
    element: byId('augmentation-figure'),
    async show({ picture, model }) {
      const { show, sourceImageOf } = await (views ??= load());
      await show(await sourceImageOf(picture, model.preprocessing));
    },
  };
}

async function load() {
  const [{ sourceImageOf }, { trainingViews }] = await Promise.all([
    import('../gallery/crops/sourceImage'),
    import('../gallery/crops/trainingViews'),
  ]);
  return { sourceImageOf, ...trainingViews() };
}
