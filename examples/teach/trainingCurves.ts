/** trainingCurves: accuracy and loss of each epoch, and the epoch whose weights were kept. */
import type { EpochReport } from 'alexnet-ts/worker';
import { byId } from '../gallery/elements';
import { learningCurves } from '../gallery/learningCurves';

export interface TrainingCurves {
  add(report: EpochReport): void;
  /** Marks the epoch with the lowest validation loss. Returns a sentence if it is not the last. */
  markBest(history: readonly EpochReport[]): string;
  /** Hides the curves until a point is added. */
  clear(): void;
}

export function trainingCurves(): TrainingCurves {
  const section = byId('curves');
  const lines = (scale: 'accuracy' | 'loss') => [
    { name: 'training', color: '--tower-2', scale },
    { name: 'validation', color: '--tower-1', scale, dashed: true },
  ];
  const options = { label: 'epoch', height: 150 };
  const createCharts = () => ({
    accuracy: learningCurves(byId('accuracy'), lines('accuracy'), options),
    loss: learningCurves(byId('loss'), lines('loss'), options),
  });
  /** Created when first shown: that blocks the page for 30 ms. */
  let charts: ReturnType<typeof createCharts> | undefined;
  return {
    add({ epoch, validation, ...training }) {
      section.hidden = false;
      const { accuracy, loss } = (charts ??= createCharts());
      accuracy.add(epoch, [training.accuracy, validation?.accuracy]);
      loss.add(epoch, [training.loss, validation?.loss]);
    },
    markBest(history) {
      const measured = history.filter(({ validation }) => validation);
      if (measured.length === 0) return '';
      const best = measured.reduce((a, b) => (b.validation!.loss < a.validation!.loss ? b : a));
      const last = history.at(-1)!;
      if (best === last) return '';
      for (const chart of Object.values(charts!)) chart.addLine({ x: best.epoch, text: 'kept' });
      return ` Epoch ${best.epoch} of ${last.epoch} was kept: it did best on held-out pictures.`;
    },
    clear() {
      for (const chart of Object.values(charts ?? {})) chart.clear();
      section.hidden = true;
    },
  };
}
