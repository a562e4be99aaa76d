/** trainingLoop: epochs of steps over examples, which can be left, and taken up again, between any two steps. */
import { TrainingError } from '../../errors';
import { random } from '../../layers/init';
import { breather } from '../../platform/yieldToPage';
import type { TrainingData } from '../dataset/trainingData';
import type { EpochReport, History, Measure, StepReport } from './history';
import type { Schedule, ScheduleState } from './schedule';
import { mixedSeed, shuffled } from './seeds';
import { measure, type Trainer } from './trainer';

export interface LoopSettings {
  epochs: number;
  batchSize: number;
  /** By layer, before the schedule's factor. */
  learningRates: Readonly<Record<string, number>>;
  momentum: number;
  weightDecay: number;
  seed: number;
  schedule: Schedule;
  /** How much an example of each class counts, by index. */
  classWeights?: readonly number[] | undefined;
  validation?: TrainingData | undefined;
  signal?: AbortSignal | undefined;
}

/** Where a training stands: plain data. With the trainer's state, all that it needs to go on as if nothing had been. */
export interface Position {
  /** Epochs done. */
  epoch: number;
  /** Steps done of the next one. */
  stepOfEpoch: number;
  /** Over these steps: loss and share of right answers, times the examples of each; and the examples. */
  sums: { loss: number; right: number; count: number };
  schedule: ScheduleState;
  history: EpochReport[];
}

export const startPosition = (schedule: Schedule): Position => ({
  epoch: 0,
  stepOfEpoch: 0,
  sums: { loss: 0, right: 0, count: 0 },
  schedule: schedule.start(),
  history: [],
});

/** A loss this many times that of guessing is an explosion, even while it is still a number. */
const EXPLODED = 50;

/** Steps from `position` on, which it changes as it goes; nothing is held at a `yield` but what the trainer holds. */
export async function* trainingLoop(
  trainer: Trainer,
  data: TrainingData,
  settings: LoopSettings,
  position: Position,
  where: string,
): AsyncGenerator<StepReport, History, void> {
  const { epochs, batchSize, seed, schedule, classWeights, signal, ...rates } = settings;
  const count = data.classes.length;
  const perEpoch = Math.ceil(count / batchSize);
  const breathe = breather();
  while (position.epoch < epochs && !position.schedule.done) {
    const epoch = position.epoch + 1;
    const order = shuffled(count, mixedSeed(seed, epoch));
    const { factor } = position.schedule;
    const learningRates = Object.fromEntries(
      Object.entries(rates.learningRates).map(([layer, rate]) => [layer, rate * factor]),
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
        { ...rates, learningRates, seed: stepSeed },
      );
      checkLoss(loss, where, { step, epoch, learningRates, classes: trainer.classes });
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
        report.completed = await endEpoch(trainer, settings, position, schedule);
      yield report;
      await breathe();
      if (report.completed) break;
    }
  }
  return position.history;
}

async function endEpoch(
  trainer: Trainer,
  { epochs, validation, classWeights, batchSize, signal }: LoopSettings,
  position: Position,
  schedule: Schedule,
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
    report.validation = await measured(trainer, validation, { classWeights, batchSize, signal });
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

/** Loss and share of right answers over examples, with the weights as they are, and without dropout. */
export async function measured(
  trainer: Trainer,
  data: TrainingData,
  { classWeights, batchSize, signal }: Pick<LoopSettings, 'classWeights' | 'batchSize' | 'signal'>,
): Promise<Measure> {
  const breathe = breather();
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
    await breathe();
  }
  return { loss: sums.loss / sums.weight, accuracy: sums.right / data.classes.length };
}

interface Moment {
  step: number;
  epoch: number;
  learningRates: Readonly<Record<string, number>>;
  classes: number;
}

function checkLoss(
  loss: number,
  where: string,
  { step, epoch, learningRates, classes }: Moment,
): void {
  const guessing = Math.log(Math.max(2, classes));
  if (Number.isFinite(loss) && loss < EXPLODED * guessing) return;
  const rates = Object.entries(learningRates).map(
    ([layer, rate]) => `${layer} ${Number(rate.toPrecision(3))}`,
  );
  throw new TrainingError(
    `${where}: the loss stays near ${guessing.toPrecision(2)} or below, got ${Number.isFinite(loss) ? loss.toPrecision(3) : loss} at step ${step} ` +
      `(epoch ${epoch}) with a learning rate of ${rates.join(', ')}. Take a tenth of it.`,
  );
}
