/** train: a network from scratch, with the paper's recipe. */
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { ContextLost, isLost } from '../backends/contextLoss';
import { onBackend } from '../backends/guest';
import { OptionsError, describe } from '../errors';
import { prepareTraining } from '../kernels/prepareTraining';
import { finiteNumber } from '../layers/check';
import type { Model } from '../model/model';
import { isShared, release } from '../platform/sharedTensors';
import { checkCheckpoint, type CheckpointStore } from './loop/checkpoint';
import type { TrainingData } from './dataset/trainingData';
import { startPosition, trainingLoop } from './loop/loop';
import { checkHyperparameters, checkKnown, checkLearningRate } from './fine-tune/options';
import { refuseHalfFloats } from './loop/precision';
import type { History, StepReport } from './loop/history';
import { plateau, type Schedule } from './loop/schedule';
import { Trainer } from './loop/trainer';

/** What `train` may be told. */
export interface TrainOptions {
  /** Times through the examples, at most: the schedule may end it before. @default 90 */
  epochs?: number | undefined;
  /** Examples a step. @default 128 */
  batchSize?: number | undefined;
  /** Step along the gradient, for all layers or by layer (0.01 where not named). @default 0.01 */
  learningRate?: number | Readonly<Record<string, number>> | undefined;
  /** Share of the last step that is taken again. @default 0.9 */
  momentum?: number | undefined;
  /** Share of the weights that is taken off at each step, times the learning rate. @default 0.0005 */
  weightDecay?: number | undefined;
  /** How the learning rate changes. @default plateau(): divided by ten when the error stands still, three times */
  schedule?: Schedule | undefined;
  /** Order of the examples, random views, dropout: the same seed on the same backend gives the same network. @default 0 */
  seed?: number | undefined;
  /** Examples to measure by after each epoch; the schedule looks at their error, or without them at the training loss. */
  validation?: TrainingData | undefined;
  /** Where to keep a checkpoint, and after how many steps. What is there already is gone on from, as if nothing had been. */
  checkpoint?: { store: CheckpointStore; every: number } | undefined;
  /** Ends the loop with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const KEYS = [
  'epochs',
  'batchSize',
  'learningRate',
  'momentum',
  'weightDecay',
  'schedule',
  'seed',
  'validation',
  'checkpoint',
  'signal',
];

function check(options: TrainOptions, layers: readonly string[]): void {
  checkKnown('train', options, KEYS);
  checkHyperparameters('train', options);
  checkLearningRate('train', options.learningRate, layers);
  const { schedule, checkpoint } = options;
  if (
    schedule !== undefined &&
    (typeof schedule?.start !== 'function' || typeof schedule?.next !== 'function')
  ) {
    throw new OptionsError(
      `train: schedule is plateau() or constantRate(), or { start, next }, got ${describe(schedule)}.`,
    );
  }
  if (checkpoint !== undefined) {
    if (typeof checkpoint?.store?.save !== 'function') {
      throw new OptionsError(
        `train: checkpoint is { store, every }, got ${describe(checkpoint)}. A store: checkpointFile(path), checkpointDatabase(name).`,
      );
    }
    finiteNumber('train', 'checkpoint.every', checkpoint.every, 1);
  }
}

/** Gives a model tensors that are its own, without those that follow from its parameters, and says how these are made again. */
function owned(model: Model): {
  tensors: Record<string, Tensor>;
  tfBackend: string;
  complete: () => void;
} {
  const { net, tensors, tfBackend } = model.internals('train');
  const params = Object.keys(net.params());
  model.useTfjs();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!params.includes(name)) delete tensors[name];
    else if (isShared(tensor)) tensors[name] = onBackend(tfBackend, () => mul(tensor, 1));
    else continue;
    release(tensor);
  }
  return {
    tensors,
    tfBackend,
    complete: () =>
      Object.assign(
        tensors,
        onBackend(tfBackend, () => net.constants(tensors)),
      ),
  };
}

/** On WebGL what was learnt is kept as numbers too, for when the browser takes the GPU away. */
async function keepNumbers(model: Model, trainer: Trainer): Promise<void> {
  if (!trainer.tfBackend.includes('webgl') || isLost(trainer.tfBackend)) return;
  if (trainer.learning.some((name) => trainer.tensors[name]!.isDisposed)) return;
  const { weights } = await trainer.state({ velocities: false });
  model.replaceWeights(async (put) =>
    trainer.learning.forEach((name) =>
      put(name, trainer.net.params()[name]!.shape, weights[name]!),
    ),
  );
}

/**
 * Trains all of a model's layers, in place, on examples of its classes; `create()` makes one with the paper's initial weights.
 *
 *     for await (const { epoch, step, loss, accuracy } of train(model, await pictures(dataset, model))) …
 *
 * `break` ends it; the model keeps what it has learnt until then, and nothing else is left behind. With a checkpoint, a loop that is
 * started again goes on from it, and comes to the same weights, bit for bit, as one that was never left (on the same backend).
 *
 * @throws OptionsError for an option out of range, or a checkpoint of another training.
 * @throws TrainingError when the loss explodes.
 */
export async function* train(
  model: Model,
  data: TrainingData,
  options: TrainOptions = {},
): AsyncGenerator<StepReport, History, void> {
  await model.steady('train', async ({ tfBackend }) => {
    if (isLost(tfBackend)) throw new ContextLost();
  });
  const { net, tfBackend: backend } = model.internals('train');
  const trained = net.names.filter((name) =>
    Object.keys(net.params()).some((param) => param.startsWith(`${name}/`)),
  );
  check(options, trained);
  refuseHalfFloats('train', backend);
  const wrong = [data, ...(options.validation ? [options.validation] : [])]
    .flatMap(({ classes }) => classes)
    .find((index) => !(index < model.labels.length));
  if (wrong !== undefined || data.classes.length === 0) {
    throw new OptionsError(
      `train: examples have classes from 0 to ${model.labels.length - 1}, got ${wrong ?? 'no examples'}.`,
    );
  }
  const {
    epochs = 90,
    batchSize = 128,
    momentum = 0.9,
    weightDecay = 0.0005,
    seed = 0,
    schedule = plateau(),
    validation,
    signal,
    checkpoint,
  } = options;
  const rates = options.learningRate ?? 0.01;
  const learningRates = Object.fromEntries(
    trained.map((name) => [name, typeof rates === 'number' ? rates : (rates[name] ?? 0.01)]),
  );

  await prepareTraining(backend);
  const { tensors, tfBackend, complete } = owned(model);
  const trainer = new Trainer({ net, tfBackend, tensors, trained });
  model.replaceWeights(undefined); // those in memory are those before the training
  try {
    const facts = { seed, batchSize, examples: data.classes.length };
    const saved = await checkpoint?.store.load();
    if (saved) {
      checkCheckpoint(
        saved,
        facts,
        Object.fromEntries(trainer.learning.map((name) => [name, tensors[name]!.size])),
      );
      trainer.restore(saved.state);
    }
    const position = saved?.position ?? startPosition(schedule);
    const settings = {
      epochs,
      batchSize,
      learningRates,
      momentum,
      weightDecay,
      seed,
      schedule,
      validation,
      signal,
    };
    const loop = trainingLoop(trainer, data, settings, position, 'train');
    for (;;) {
      model.internals('train'); // throws when it was disposed meanwhile
      const { done, value } = await loop.next();
      if (done) return value;
      if (checkpoint && value.step % checkpoint.every === 0) {
        await checkpoint.store.save({ position, settings: facts, state: await trainer.state() });
      }
      yield value;
    }
  } finally {
    await keepNumbers(model, trainer);
    trainer.dispose({ keepWeights: true });
    if (!Object.values(tensors).some((tensor) => tensor.isDisposed)) complete();
  }
}
