/**
 * fit: runs training to its end, with callbacks, early stopping and the weights of the best epoch.
 */
import type { EpochReport } from '../../weights/format/tuning';
import type { StepReport } from './loop';
import type { Trainer, WeightArrays } from './trainer';

/** Controls training from outside, between two steps. */
export interface RunControl {
  /**
   * Resolves when the next step may begin: to true, or to false to end training with the current
   * weights. Rejects to abort the run.
   */
  ready(): Promise<boolean>;
  /** Called after each step, before training continues. */
  report?(step: StepReport): void;
}

/** Progress of one phase of fine-tuning. */
export interface FineTuneProgress {
  /** 'features' counts images that have run through the frozen layers, 'train' counts steps. */
  phase: 'features' | 'train';
  loaded: number;
  total: number;
}

export interface FitOptions {
  control?: RunControl | undefined;
  earlyStopping?: { patience: number } | undefined;
  onBatch?: ((report: StepReport) => void) | undefined;
  onEpoch?: ((report: EpochReport) => void) | undefined;
  onProgress?: ((progress: FineTuneProgress) => void) | undefined;
  /** Called with the weights of each epoch that is the best so far, before `onEpoch`. */
  onBest?: ((weights: WeightArrays) => void) | undefined;
}

/**
 * Runs the steps of training. The best epoch is that with the lowest validation loss, or without
 * validation the lowest training loss. The trainer ends with the best epoch's weights if training
 * stopped early (or could have), otherwise with those of the last step.
 */
export async function fit(
  trainer: Pick<Trainer, 'state' | 'restore'>,
  steps: AsyncIterable<StepReport>,
  { control, earlyStopping, onBatch, onEpoch, onProgress, onBest }: FitOptions = {},
): Promise<void> {
  const ready = async () => (await control?.ready()) ?? true;
  let best: { loss: number; weights: WeightArrays } | undefined;
  let epochsSinceBest = 0;
  let stopped = !(await ready());
  if (stopped) return;
  for await (const report of steps) {
    onProgress?.({ phase: 'train', loaded: report.step, total: report.steps });
    onBatch?.(report);
    const { completed } = report;
    if (completed) {
      const { loss } = completed.validation ?? completed;
      epochsSinceBest++;
      if (best === undefined || loss < best.loss) {
        best = { loss, weights: (await trainer.state({ velocities: false })).weights };
        epochsSinceBest = 0;
        onBest?.(best.weights);
      }
      onEpoch?.(completed);
    }
    control?.report?.(report);
    stopped = !(await ready());
    if (stopped || (completed && earlyStopping && epochsSinceBest >= earlyStopping.patience)) break;
  }
  if (best && (stopped || earlyStopping))
    trainer.restore({ weights: best.weights, velocities: {} });
}
