/** trainingLoop: epochs of steps over examples, which can stop and resume between any two steps. */
import { TrainingError } from '../../errors';
import { random } from '../../layers/init';
import { createYielder } from '../../platform/yieldToPage';
import type { EpochReport, Metrics } from '../../weights/format/tuning';
import type { TrainingData } from '../dataset/trainingData';
import type { Schedule, ScheduleState } from './schedule';
import { mixedSeed, shuffled } from './seeds';
import { measure } from './loss';
import type { StepTrainer } from './trainer';

/** The options of training, with all defaults filled in. */
export interface LoopSettings {
  epochs: number;
  batchSize: number;
  /** By layer, before multiplication by the schedule's factor. */
  learningRates: Readonly<Record<string, number>>;
  momentum: number;
  weightDecay: number;
  seed: number;
  schedule: Schedule;
  /** The weight of each class in the loss, by index; undefined for 1 each. */
  classWeights?: readonly number[] | undefined;
  validation?: TrainingData | undefined;
  signal?: AbortSignal | undefined;
}

/** One step, on one batch. `loss` and `accuracy` are the batch's, before the update. */
export interface StepReport extends Metrics {
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

/**
 * The progress of training, as plain data. Together with the trainer's state, it is all that
 * resuming needs.
 */
export interface TrainingPosition {
  /** Completed epochs. */
  epoch: number;
  /** Completed steps of the current epoch. */
  stepOfEpoch: number;
  /**
   * Sums over these steps: loss and correct predictions, each weighted by the number of examples,
   * and the number of examples.
   */
  sums: { loss: number; right: number; count: number };
  schedule: ScheduleState;
  history: EpochReport[];
}

export const startPosition = (schedule: Schedule): TrainingPosition => ({
  epoch: 0,
  stepOfEpoch: 0,
  sums: { loss: 0, right: 0, count: 0 },
  schedule: schedule.start(),
  history: [],
});

/** A loss of at least this many times that of guessing has diverged, even if it is finite. */
const DIVERGED = 50;

/** A trainer with its data and settings. */
export interface TrainingTask {
  trainer: StepTrainer;
  data: TrainingData;
  settings: LoopSettings;
  /** The name of the public function, for error messages. */
  where: string;
}

/**
 * Yields after each step from `position` on, and advances `position`. At a `yield`, it holds no
 * tensors besides the trainer's.
 *
 * @throws TrainingError if the loss diverges.
 */
export async function* trainingLoop(
  { trainer, data, settings, where }: TrainingTask,
  position: TrainingPosition,
): AsyncGenerator<StepReport, void, void> {
  const { epochs, batchSize, seed, classWeights, signal, momentum, weightDecay } = settings;
  const count = data.classes.length;
  const perEpoch = Math.ceil(count / batchSize);
  const yieldIfDue = createYielder();
  while (position.epoch < epochs && !position.schedule.done) {
    const epoch = position.epoch + 1;
    const order = shuffled(count, mixedSeed(seed, epoch));
    const { factor } = position.schedule;
    const learningRates = Object.fromEntries(
      Object.entries(settings.learningRates).map(([layer, rate]) => [layer, rate * factor]),
    );
    while (position.stepOfEpoch < perEpoch) {
      signal?.throwIfAborted();
      const step = position.epoch * perEpoch + position.stepOfEpoch + 1;
      const stepSeed = mixedSeed(seed, epoch, step);
      const examples = [
        ...order.subarray(position.stepOfEpoch * batchSize, (position.stepOfEpoch + 1) * batchSize),
      ];
      const inputs = await data.inputs(examples, random(stepSeed));
      const classes = examples.map((example) => data.classes[example]!);
      const weights = classes.map((index) => classWeights?.[index] ?? 1);
      signal?.throwIfAborted();
      const { loss, accuracy } = await trainer.step(
        { inputs, classes, weights },
        { momentum, weightDecay, learningRates, seed: stepSeed },
      );
      checkLoss(loss, { where, step, epoch, learningRates, classes: trainer.classes });
      position.stepOfEpoch++;
      position.sums.loss += loss * examples.length;
      position.sums.right += accuracy * examples.length;
      position.sums.count += examples.length;
      const report: StepReport = {
        epoch,
        epochs,
        step,
        steps: epochs * perEpoch,
        loss,
        accuracy,
        factor,
      };
      if (position.stepOfEpoch === perEpoch)
        report.completed = await endEpoch(trainer, settings, position);
      yield report;
      await yieldIfDue();
      if (report.completed) break;
    }
  }
}

/** Measures the completed epoch, and moves `position` to the next one. */
async function endEpoch(
  trainer: StepTrainer,
  { epochs, validation, classWeights, batchSize, schedule, signal }: LoopSettings,
  position: TrainingPosition,
): Promise<EpochReport> {
  const { loss, right, count } = position.sums;
  const report: EpochReport = {
    epoch: position.epoch + 1,
    epochs,
    loss: loss / count,
    accuracy: right / count,
    factor: position.schedule.factor,
  };
  if (validation)
    report.validation = await evaluateLoss(trainer, validation, {
      classWeights,
      batchSize,
      signal,
    });
  position.history.push(report);
  position.epoch++;
  position.stepOfEpoch = 0;
  position.sums = { loss: 0, right: 0, count: 0 };
  position.schedule = schedule.next(
    position.schedule,
    report.validation ? 1 - report.validation.accuracy : report.loss,
  );
  return report;
}

/** Returns loss and accuracy over examples, with the current weights and without dropout. */
export async function evaluateLoss(
  trainer: StepTrainer,
  data: TrainingData,
  { classWeights, batchSize, signal }: Pick<LoopSettings, 'classWeights' | 'batchSize' | 'signal'>,
): Promise<Metrics> {
  const yieldIfDue = createYielder();
  const sums = { loss: 0, weight: 0, right: 0 };
  for (let first = 0; first < data.classes.length; first += batchSize) {
    signal?.throwIfAborted();
    const examples = data.classes.slice(first, first + batchSize).map((_, i) => first + i);
    const classes = examples.map((example) => data.classes[example]!);
    const weights = classes.map((index) => classWeights?.[index] ?? 1);
    const inputs = await data.inputs(examples, () => 0);
    const { loss, accuracy } = measure(
      await trainer.scores(inputs, examples.length),
      classes,
      weights,
    );
    const weight = weights.reduce((a, b) => a + b);
    sums.loss += loss * weight;
    sums.weight += weight;
    sums.right += accuracy * examples.length;
    await yieldIfDue();
  }
  return { loss: sums.loss / sums.weight, accuracy: sums.right / data.classes.length };
}

interface LossContext {
  where: string;
  step: number;
  epoch: number;
  learningRates: Readonly<Record<string, number>>;
  classes: number;
}

function checkLoss(
  loss: number,
  { where, step, epoch, learningRates, classes }: LossContext,
): void {
  const guessing = Math.log(Math.max(2, classes));
  if (Number.isFinite(loss) && loss < DIVERGED * guessing) return;
  const rates = Object.entries(learningRates).map(
    ([layer, rate]) => `${layer} ${Number(rate.toPrecision(3))}`,
  );
  const got = Number.isFinite(loss) ? loss.toPrecision(3) : loss;
  throw new TrainingError(
    `${where}: the loss must stay near or below ${guessing.toPrecision(2)}, the loss of guessing, got ${got} at step ${step} ` +
      `(epoch ${epoch}) with a learning rate of ${rates.join(', ')}. Try a tenth of that.`,
  );
}
