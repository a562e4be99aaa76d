/** runningMean: probabilities averaged over time, so that bars do not flicker: an answer counts half after `halfLife` milliseconds. */
import type { Prediction } from 'alexnet-ts';

export interface RunningMean {
  /** One more answer for all classes; gives the averages, the most probable first. */
  add(answer: readonly Prediction[], now: number): Prediction[];
  /** Forgets what was: the next answer stands for itself. */
  clear(): void;
}

export function runningMean(halfLife = 300): RunningMean {
  let means = new Map<string, number>();
  let last = 0;
  return {
    add(answer, now) {
      const kept = 2 ** ((last - now) / halfLife);
      last = now;
      const averaged = answer.map((each) => {
        const before = means.get(each.label) ?? each.probability;
        return { ...each, probability: kept * before + (1 - kept) * each.probability };
      });
      means = new Map(averaged.map(({ label, probability }) => [label, probability]));
      return averaged.sort((a, b) => b.probability - a.probability);
    },
    clear() {
      means.clear();
    },
  };
}
