/** train: trains all layers of a network in place, with the paper's recipe (section 5). */
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { ContextLost, isLost } from '../backends/contextLoss';
import { onBackend } from '../backends/activeBackend';
import type { LoadedNetwork } from '../engines/engine';
import { OptionsError } from '../errors';
import { prepareTraining } from '../kernels/prepareTraining';
import type { Sequential } from '../layers/sequential';
import { ANY, checkOption, checkOptions, rule, type Rules } from '../platform/checkOptions';
import { isShared, release } from '../platform/sharedTensors';
import type { ReloadWeights } from '../weights/read/read';
import type { TrainingData } from './dataset/trainingData';
import { SGD, TRAIN } from './defaults';
import { HYPERPARAMETERS, checkLearningRate } from './fine-tune/options';
import { checkCheckpoint, type Checkpoint, type CheckpointStore } from './loop/checkpoint';
import type { History } from '../weights/format/tuning';
import type { StepReport } from './loop/loop';
import { startPosition, trainingLoop, type LoopSettings } from './loop/loop';
import { plateau, type Schedule } from './loop/schedule';
import { Trainer, checkFloat32 } from './loop/trainer';

/** Options of `train`. */
export interface TrainOptions {
  /**
   * The maximum number of passes over the examples: the schedule can end training earlier. @default
   * 90
   */
  epochs?: number | undefined;
  /** Examples per step. @default 128 */
  batchSize?: number | undefined;
  /**
   * Step size along the gradient, for all layers or by layer; layers that are not named use the
   * default. @default 0.01
   */
  learningRate?: number | Readonly<Record<string, number>> | undefined;
  /** Fraction of the previous step that is added to the next one. @default 0.9 */
  momentum?: number | undefined;
  /** Fraction of the weights that a step subtracts, times the learning rate. @default 0.0005 */
  weightDecay?: number | undefined;
  /** How the learning rate changes from epoch to epoch. @default plateau() */
  schedule?: Schedule | undefined;
  /**
   * Seed of the order of examples, random views and dropout: the same seed on the same backend
   * gives the same network. @default 0
   */
  seed?: number | undefined;
  /**
   * Examples to validate on after each epoch. The schedule uses their error, or without them the
   * training loss.
   */
  validation?: TrainingData | undefined;
  /**
   * Saves a checkpoint to `store` every `every` steps. If `store` has a checkpoint, training
   * resumes from it.
   */
  checkpoint?: { store: CheckpointStore; every: number } | undefined;
  /** Stops training with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const RULES: Rules<TrainOptions> = {
  ...HYPERPARAMETERS,
  learningRate: ANY, // checked when the layers are known
  schedule: rule(
    'plateau(), constantRate() or { start, next }',
    (value: Schedule) => typeof value?.start === 'function' && typeof value.next === 'function',
  ),
  validation: rule(
    '{ classes, inputs }',
    (value: TrainingData) => Array.isArray(value?.classes) && typeof value.inputs === 'function',
    { advice: 'Use imageData() or arrayData().' },
  ),
  checkpoint: rule(
    '{ store, every }',
    (value: TrainOptions['checkpoint']) => typeof value?.store?.save === 'function',
    { advice: 'A store is checkpointFile(path) or checkpointDatabase(name).' },
  ),
};

const EVERY = rule(
  'a finite number of at least 1',
  (value) => Number.isFinite(value) && value >= 1,
  {
    required: true,
  },
);

/** A model whose weights `train` changes: a `Model` of alexnet-ts. */
export interface TrainableModel {
  readonly net: Sequential;
  readonly labels: readonly string[];
  /** @internal Throws once the model is disposed. */
  internals(method: string): LoadedNetwork;
  /**
   * @internal Runs `work` on the model's tensors, and again if its context is lost and the model
   * has moved.
   */
  retryOnContextLoss<T>(method: string, work: (network: LoadedNetwork) => Promise<T>): Promise<T>;
  /** @internal Opens the backend of TensorFlow.js if the model computes without it. */
  openTfjs(what: string): Promise<void>;
  /**
   * @internal Switches the model to TensorFlow.js' operations, on the tensors whose values training
   * changes.
   */
  useTfjs(): Promise<void>;
  /** @internal Sets the weights to reload after a lost WebGL context: undefined for none. */
  replaceWeights(reload: ReloadWeights | undefined): void;
}

/**
 * Trains all layers of a model in place, on examples of its classes. `create()` makes a model with
 * the paper's initial weights.
 *
 *     for await (const { epoch, step, loss, accuracy } of train(model, await imageData(dataset, model))) …
 *
 * `break` ends training and frees everything; the model keeps what it has learned so far. With a
 * checkpoint, training that is started again resumes from it and reaches the same weights as
 * training without interruption, bit for bit (on the same backend).
 *
 * @throws OptionsError for an option out of range, or a checkpoint of different training.
 * @throws TrainingError if the loss diverges.
 */
export async function* train(
  model: TrainableModel,
  data: TrainingData,
  options: TrainOptions = {},
): AsyncGenerator<StepReport, History, void> {
  await model.retryOnContextLoss('train', async ({ tfBackend }) => {
    if (isLost(tfBackend)) throw new ContextLost();
  });
  const { net } = model.internals('train');
  const params = Object.keys(net.params());
  const trained = net.names.filter((name) => params.some((param) => param.startsWith(`${name}/`)));
  checkOptions('train', options, RULES);
  checkLearningRate('train', options.learningRate, trained);
  if (options.checkpoint) checkOption('train', 'checkpoint.every', options.checkpoint.every, EVERY);
  checkFloat32('train', model.internals('train').tfBackend);
  checkClasses(model, [data, ...(options.validation ? [options.validation] : [])]);
  const { learningRate = TRAIN.learningRate, checkpoint } = options;
  const rateOf = (layer: string) =>
    typeof learningRate === 'number' ? learningRate : (learningRate[layer] ?? TRAIN.learningRate);
  const settings: LoopSettings = {
    epochs: options.epochs ?? TRAIN.epochs,
    batchSize: options.batchSize ?? TRAIN.batchSize,
    learningRates: Object.fromEntries(trained.map((layer) => [layer, rateOf(layer)])),
    momentum: options.momentum ?? SGD.momentum,
    weightDecay: options.weightDecay ?? SGD.weightDecay,
    seed: options.seed ?? SGD.seed,
    schedule: options.schedule ?? plateau(),
    validation: options.validation,
    signal: options.signal,
  };

  await model.openTfjs('train');
  const { tfBackend } = model.internals('train');
  await prepareTraining(tfBackend);
  await model.useTfjs();
  const tensors = takeTensors(model);
  const trainer = new Trainer({ net, tfBackend, tensors, trained });
  model.replaceWeights(undefined); // those in memory are from before training
  try {
    const { seed, batchSize } = settings;
    const identity = { seed, batchSize, examples: data.classes.length };
    const saved = await checkpoint?.store.load();
    if (saved) resume(trainer, saved, identity);
    const position = saved?.position ?? startPosition(settings.schedule);
    for await (const report of trainingLoop(
      { trainer, data, settings, where: 'train' },
      position,
    )) {
      if (checkpoint && report.step % checkpoint.every === 0) {
        const state = await trainer.state();
        await checkpoint.store.save({ position, settings: identity, state });
      }
      yield report;
      model.internals('train'); // throws if the model was disposed meanwhile
    }
    return position.history;
  } finally {
    await keepWeights(model, trainer);
    trainer.dispose({ keepWeights: true });
    if (!Object.values(tensors).some((tensor) => tensor.isDisposed))
      Object.assign(
        tensors,
        onBackend(tfBackend, () => net.constants(tensors)),
      );
  }
}

function checkClasses({ labels }: TrainableModel, [data, ...others]: TrainingData[]): void {
  const wrong = [data!, ...others]
    .flatMap(({ classes }) => classes)
    .find((index) => !(index < labels.length));
  if (wrong === undefined && data!.classes.length > 0) return;
  throw new OptionsError(
    `train: examples must have classes from 0 to ${labels.length - 1}, got ${wrong ?? 'no examples'}.`,
  );
}

/**
 * Returns the model's parameters, after copying those that another model shares. Removes the
 * layers' constants, which training makes stale.
 */
function takeTensors(model: TrainableModel): Record<string, Tensor> {
  const { net, tensors, tfBackend } = model.internals('train');
  const params = Object.keys(net.params());
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!params.includes(name)) delete tensors[name];
    else if (isShared(tensor)) tensors[name] = onBackend(tfBackend, () => mul(tensor, 1));
    else continue;
    release(tensor);
  }
  return tensors;
}

function resume(trainer: Trainer, saved: Checkpoint, identity: Checkpoint['settings']): void {
  const sizes = trainer.trainableParams.map((name): [string, number] => [
    name,
    trainer.tensors[name]!.size,
  ]);
  checkCheckpoint(saved, identity, Object.fromEntries(sizes));
  trainer.restore(saved.state);
}

/** On WebGL, gives the model a copy of the trained weights to reload after a lost context. */
async function keepWeights(model: TrainableModel, trainer: Trainer): Promise<void> {
  if (!trainer.tfBackend.includes('webgl') || isLost(trainer.tfBackend)) return;
  if (trainer.trainableParams.some((name) => trainer.tensors[name]!.isDisposed)) return;
  const { weights } = await trainer.state({ velocities: false });
  const specs = trainer.net.params();
  model.replaceWeights(async (put) =>
    trainer.trainableParams.forEach((name) => put(name, specs[name]!.shape, weights[name]!)),
  );
}
