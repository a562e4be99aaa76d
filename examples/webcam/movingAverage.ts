/** movingAverage: an exponential moving average of probabilities, so that bars do not flicker. */
import type { Prediction } from 'alexnet-ts';

export interface MovingAverage {
  /** Adds predictions for all classes. Returns the averages, most probable first. */
  add(predictions: readonly Prediction[], now: number): Prediction[];
  /** Starts over with the next predictions. */
  clear(): void;
}

/** @param halfLife after which predictions count half, in ms */
export function movingAverage(halfLife = 300): MovingAverage {
  let means = new Map<string, number>();
  let last = 0;
  return {
    add(predictions, now) {
      const weight = 2 ** ((last - now) / halfLife);
      last = now;
      const averaged = predictions.map((each) => {
        const before = means.get(each.label) ?? each.probability;
        return { ...each, probability: weight * before + (1 - weight) * each.probability };
      });
      means = new Map(averaged.map(({ label, probability }) => [label, probability]));
      return averaged.sort((a, b) => b.probability - a.probability);
    },
    clear() {
      means.clear();
    },
  };
}
