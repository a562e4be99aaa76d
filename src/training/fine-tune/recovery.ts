/**
 * Recovery: training on WebGL that loses its context continues on WASM, from the last snapshot of
 * its weights.
 */
import { ContextLost, isLost } from '../../backends/contextLoss';
import { TrainingError, messageSentence } from '../../errors';
import { prepareTraining } from '../../kernels/prepareTraining';
import { startPosition, trainingLoop, type TrainingTask } from '../loop/loop';
import type { StepReport } from '../loop/loop';
import type { StepTrainer, TrainerState, WeightArrays } from '../loop/trainer';
import type { BaseModel } from './tuningResult';

/**
 * Steps between two snapshots, in addition to one after each epoch. Reading a head takes no time,
 * fc6 to fc8 take 0.5 s.
 */
const SNAPSHOT_EVERY = { small: 10, large: 50 };
/** The number of trained parameters from which `SNAPSHOT_EVERY.large` applies. */
const LARGE = 2 ** 20;

/**
 * Moves a network to WASM if its WebGL context is lost. The error's message contains `when`.
 * @throws TrainingError if WASM cannot be used.
 */
export type Recover = (when: string) => Promise<void>;

/** A copy of the base model's weights in memory, from which it can continue on WASM. */
export interface Fallback {
  base: BaseModel;
  weights: Readonly<WeightArrays>;
  /** Moves the base model. */
  recover: Recover;
}

/**
 * Copies a model's weights from the GPU, because a lost context cannot be read. Returns undefined
 * for backends that cannot be lost. TensorFlow.js caches the values it reads as long as the tensors
 * exist: from then on, a model on WebGL also takes as much memory outside the GPU (231 MB for the
 * paper's network with 200 classes), and the next run reads nothing.
 *
 * @param options.needsTfjs whether training needs TensorFlow.js' operations on WASM
 */
export async function createFallback(
  base: BaseModel,
  where: string,
  { needsTfjs }: { needsTfjs: boolean },
): Promise<Fallback | undefined> {
  if (!base.tfBackend.includes('webgl')) return undefined;
  const weights = await base.readWeights();
  const recover: Recover = async (when) => {
    if (!isLost(base.tfBackend)) return;
    try {
      await base.moveToWasm(weights);
      if (!needsTfjs) return;
      await base.openTfjs(where);
      await prepareTraining(base.tfBackend);
    } catch (error) {
      throw new TrainingError(
        `${where}: the WebGL context was lost ${when}, and WASM cannot take over: ${messageSentence(error)} ` +
          "Load the model with backend: 'wasm', and start again.",
        undefined,
        { cause: error },
      );
    }
  };
  await recover('before it began');
  return { base, weights, recover };
}

/** Runs `work`. If the context is lost meanwhile, recovers and runs it again. */
export async function retryOnContextLoss<T>(
  recover: Recover | undefined,
  when: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!recover || !(error instanceof ContextLost)) throw error;
  }
  await recover(when);
  return work();
}

/** A training task that survives the loss of its WebGL context. */
export interface MovableTask extends TrainingTask {
  /** The initial weights of the trained layers. */
  start: WeightArrays;
  fallback: Fallback | undefined;
  /** Returns a trainer that continues from a state after the base model has moved. */
  move(base: BaseModel, state: TrainerState): Promise<StepTrainer>;
}

/**
 * Trains from the start, and yields each step once. With a fallback, training continues on WASM
 * from the last snapshot after a lost context.
 */
export async function* stepsWithFallback({
  start,
  fallback,
  move,
  ...task
}: MovableTask): AsyncGenerator<StepReport, void, void> {
  let { trainer } = task;
  const { settings } = task;
  if (!fallback) return yield* trainingLoop(task, startPosition(settings.schedule));
  const size = Object.values(start).reduce((sum, { length }) => sum + length, 0);
  const every = size < LARGE ? SNAPSHOT_EVERY.small : SNAPSHOT_EVERY.large;
  const initial: TrainerState = { weights: start, velocities: {} };
  let snapshot = { position: startPosition(settings.schedule), state: initial };
  let reported = 0;
  for (;;) {
    const position = structuredClone(snapshot.position);
    try {
      for await (const report of trainingLoop({ ...task, trainer }, position)) {
        if (report.step <= reported) continue; // repeated after the snapshot
        if (
          trainer.tfBackend.includes('webgl') &&
          (report.completed || report.step % every === 0)
        ) {
          snapshot = { state: await trainer.state(), position: structuredClone(position) };
        }
        reported = report.step;
        yield report;
      }
      return;
    } catch (error) {
      if (!(error instanceof ContextLost)) throw error;
      await fallback.recover(`at step ${reported + 1}`);
      trainer = await move(fallback.base, snapshot.state);
    }
  }
}
