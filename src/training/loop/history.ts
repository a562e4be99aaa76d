/** What training reports while it runs, and what it leaves as its history. */

/** Loss and share of right answers over some examples. */
export interface Measure {
  /** The mean cross-entropy; with class weights, their weighted mean. */
  loss: number;
  /** The fraction of the examples whose best class is theirs. */
  accuracy: number;
}

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

/** One epoch: `loss` and `accuracy` are the means over its steps, as they were met. */
export interface EpochReport extends Measure {
  /** From 1. */
  epoch: number;
  /** In all. */
  epochs: number;
  /** Of the pictures kept back, after the epoch. */
  validation?: Measure;
  /** The factor that the schedule put before each layer's learning rate. */
  factor: number;
}

/** What was done, epoch by epoch. */
export type History = readonly EpochReport[];
