/** What training reports while it runs, and what it leaves as its history. */

import type { EpochReport, Measure } from '../../weights/format/tuning';

export type { EpochReport, History, Measure } from '../../weights/format/tuning';

/** One step: one batch. `loss` and `accuracy` are the batch's, before its update. */
export interface StepReport extends Measure {
  /** From 1. */
  epoch: number;
  /** In all. */
  epochs: number;
  /** From 1, counted over all epochs. */
  step: number;
  /** In all epochs. */
  steps: number;
  /** The factor that the schedule puts before each layer's learning rate. */
  factor: number;
  /** On the last step of an epoch: what the whole epoch came to. */
  completed?: EpochReport;
}
