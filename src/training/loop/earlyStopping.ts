/** track: a training loop to its end, with callbacks, early stopping, and the best epoch's weights at hand. */
import { TrainingError } from '../../errors';
import type { FineTuneOptions } from '../fine-tune/options';
import type { History, StepReport } from './history';
import type { Trainer, TrainerState } from './trainer';

export interface TrackOptions<Best> {
  earlyStopping?: FineTuneOptions['earlyStopping'] | undefined;
  onBatch?: FineTuneOptions['onBatch'] | undefined;
  onEpoch?: FineTuneOptions['onEpoch'] | undefined;
  onProgress?: FineTuneOptions['onProgress'] | undefined;
  /** Whether to finish before the next step. */
  stopped?: (() => boolean) | undefined;
  /** Told after an epoch that was the best so far how to make a model of it. */
  onBest?: ((make: () => Best) => void) | undefined;
  /** Makes a model of weights. */
  make: (weights: Record<string, Float32Array>) => Best;
}

/**
 * Passes the steps on. The best epoch is the one with the lowest validation loss, or without validation training loss; its
 * weights are in the trainer at the end when training stopped early, by itself or by `stopped`; else those of the last step.
 *
 * @throws TrainingError that knows how to make the best model, when the loop throws one.
 */
export async function* track<Best>(
  trainer: Trainer,
  loop: AsyncGenerator<StepReport, History, void>,
  {
    earlyStopping,
    onBatch,
    onEpoch,
    onProgress,
    stopped = () => false,
    onBest,
    make,
  }: TrackOptions<Best>,
): AsyncGenerator<StepReport, void, void> {
  let best: { loss: number; state: TrainerState } | undefined;
  let waited = 0;
  try {
    for (;;) {
      if (stopped()) break;
      const { done, value: report } = await loop.next();
      if (done) break;
      onProgress?.({ phase: 'train', loaded: report.step, total: report.steps });
      onBatch?.(report);
      const { completed } = report;
      if (completed) {
        const { loss } = completed.validation ?? completed;
        if (best === undefined || loss < best.loss) {
          const state = await trainer.state({ velocities: false });
          best = { loss, state };
          waited = 0;
          onBest?.(() => make(state.weights));
        } else waited++;
        onEpoch?.(completed);
      }
      yield report;
      if (earlyStopping && completed && waited >= earlyStopping.patience) break;
    }
  } catch (error) {
    if (!(error instanceof TrainingError) || best === undefined) throw error;
    const { weights } = best.state;
    throw new TrainingError(
      `${error.message} The error's best() gives the model of the best epoch so far.`,
      () => make(weights),
    );
  } finally {
    await loop.return(undefined as never);
  }
  if ((earlyStopping || stopped()) && best)
    trainer.restore({ weights: best.state.weights, velocities: {} });
}
