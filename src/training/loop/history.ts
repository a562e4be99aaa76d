/** The reports of a training: one for each step, and one for each epoch. */
import type { EpochReport, Measure } from '../../weights/format/tuning';

export type { EpochReport, History, Measure } from '../../weights/format/tuning';

/** One step, on one batch. `loss` and `accuracy` are the batch's, before the update. */
export interface StepReport extends Measure {
  /** From 1. */
  epoch: number;
  /** The number of epochs. */
  epochs: number;
  /** From 1, over all epochs. */
  step: number;
  /** The number of steps in all epochs. */
  steps: number;
  /** The schedule's factor of each layer's learning rate. */
  factor: number;
  /** The report of the whole epoch, on its last step. */
  completed?: EpochReport;
}
