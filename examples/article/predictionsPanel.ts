/** predictionsPanel: the five best guesses for the picture, at the top of the article. */
import type { Prediction } from 'alexnet-ts';
import { notSure, showBars } from '../gallery/bars';
import { byId, createElement } from '../gallery/elements';
import { engineName } from '../gallery/engineName';
import type { StatusLine } from '../gallery/statusLine';
import type { Scene } from './scene';

export interface PredictionsPanel {
  /** Resolves to the best guess. */
  show(scene: Scene): Promise<Prediction>;
  fail(error: unknown): void;
}

export function predictionsPanel(status: StatusLine): PredictionsPanel {
  const list = byId('predictions');
  const showEmpty = () =>
    list.replaceChildren(
      ...Array.from({ length: 5 }, () => createElement('li', { className: 'empty' })),
    );
  showEmpty();
  return {
    async show(scene) {
      status.progress('Classifying …');
      await scene.input();
      const start = performance.now();
      const predictions = await scene.predictions();
      const milliseconds = Math.round(performance.now() - start);
      showBars(list, predictions);
      const doubt = notSure(predictions);
      status.show(
        `${scene.picture.name}: ${milliseconds} ms on ${engineName(scene.model.backend)}.${doubt && ` ${doubt}`}`,
      );
      return predictions[0]!;
    },
    fail(error) {
      showEmpty();
      status.fail(error);
    },
  };
}
