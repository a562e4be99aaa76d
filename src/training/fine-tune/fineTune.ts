/** fineTune: from a model and labeled images to trained weights. */
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../../backends/activeBackend';
import { TfjsEngine } from '../../engines/tfjs/tfjsEngine';
import { prepareTraining } from '../../kernels/prepareTraining';
import { topLayerOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { EpochReport, TuningRecipe } from '../../weights/format/tuning';
import { toDataset, type DatasetInput } from '../dataset/dataset';
import { weightsOfClasses } from '../dataset/split';
import { FINE_TUNE, HEAD, LAYERS, SGD } from '../defaults';
import { fit, type FitOptions, type RunControl } from '../loop/fit';
import type { LoopSettings } from '../loop/loop';
import { constantRate } from '../loop/schedule';
import {
  Trainer,
  checkFloat32,
  paramTensors,
  type TrainerState,
  type WeightArrays,
} from '../loop/trainer';
import type { FeatureNetwork } from './featurePass';
import type { Features } from './features';
import { headEpochs, trainHead, type HeadTask } from './head';
import { checkMemory } from './memory';
import { checkFineTuneOptions, checkLearningRate, type FineTuneOptions } from './options';
import {
  createFallback,
  retryOnContextLoss,
  stepsWithFallback,
  type Fallback,
  type Recover,
} from './recovery';
import { learningRates, trainableLayers, withHead, type TrainableLayers } from './trainableLayers';
import { trainingInputs, type TrainingInputs } from './trainingInputs';
import type { BaseModel, TuningResult } from './tuningResult';

/** Controls a fine-tuning run, and receives its best epochs. */
export interface FineTuneControl<Label extends string> extends RunControl {
  /** Called after each epoch that is the best so far, with a function that returns its result. */
  onBest(result: () => TuningResult<Label>): void;
}

/**
 * Trains layers for the classes of labeled images. Frees everything that it allocates, except the
 * returned tensors.
 */
export async function fineTune<Label extends string>(
  base: BaseModel,
  input: DatasetInput<Label>,
  options: FineTuneOptions<Label>,
  control: FineTuneControl<Label>,
): Promise<TuningResult<Label>> {
  // 1. Check the options, and choose the layers to train.
  checkFineTuneOptions(options);
  const layers = trainableLayers(base.net, options.train);
  const headOnly = layers.trained.length === 1;
  if (!headOnly) checkMemory(base.net, layers.trained);
  const defaults = headOnly ? HEAD : LAYERS;
  checkLearningRate('fineTune', options.learningRate, layers.trained);
  checkFloat32('fineTune', base.tfBackend);
  const {
    batchSize = FINE_TUNE.batchSize,
    classWeights = FINE_TUNE.classWeights,
    keepFeatures = FINE_TUNE.keepFeatures,
    momentum = SGD.momentum,
    weightDecay = SGD.weightDecay,
    seed = SGD.seed,
    augment = defaults.augment,
    signal,
  } = options;

  // 2. Collect the labeled images.
  const dataset = await toDataset(input, { where: 'fineTune', minClasses: 2, signal });
  const labels = dataset.classes;
  weightsOfClasses(classWeights, labels, []); // throws for unknown labels, before the long work

  // 3. Prepare the backend, and a fallback for a lost WebGL context.
  if (!headOnly) await base.openTfjs(`fineTune: training ${layers.trained.join(', ')}`);
  if (!base.backend.lazyTfjs) await prepareTraining(base.tfBackend);
  const fallback = await createFallback(base, 'fineTune', { needsTfjs: !headOnly });
  const recover = fallback?.recover;
  const rates = await retryOnContextLoss(recover, 'before the first step', () =>
    learningRates(base, layers.trained, options.learningRate),
  );

  // 4. Run the images through the frozen layers.
  const { preprocessing } = base;
  const network: FeatureNetwork = { current: () => base, preprocessing, recover };
  const inputs = await trainingInputs(network, layers, dataset, options);
  const headFeatures = await inputs.headFeatures(network);

  // 5. Train a new head on the outputs of the layers before it.
  const net = withHead(base.net, layers.head, labels.length);
  const settings: LoopSettings = {
    ...{ batchSize, momentum, weightDecay, seed, signal },
    epochs: options.epochs ?? LAYERS.epochs,
    learningRates: rates,
    schedule: constantRate(),
    classWeights: weightsOfClasses(classWeights, labels, inputs.training.classes),
    validation: inputs.validation,
  };
  const recipe: TuningRecipe = {
    ...{ batchSize, momentum, weightDecay, seed, augment },
    headRate: headOnly ? rates[layers.head]! : HEAD.learningRate,
    classWeights: classWeights === 'equal' ? 'equal' : 'auto',
  };
  const enoughEpochs = headEpochs(inputs.rows.training.length, batchSize);
  const headTask: HeadTask = {
    ...{ net, head: layers.head, base, fallback, where: 'fineTune' },
    ...{ features: headFeatures, rows: inputs.rows },
    settings: {
      ...settings,
      epochs: headOnly ? (options.epochs ?? enoughEpochs) : enoughEpochs,
      learningRates: { [layers.head]: recipe.headRate },
    },
  };
  const history: EpochReport[] = [];
  const problems = [...dataset.problems, ...inputs.problems];
  const result = ({ features, ...trained }: TrainedParams): TuningResult<Label> => ({
    ...trained,
    ...{ net, labels, trained: layers.trained },
    tuning: { history: [...history], problems, features, recipe },
  });
  const { earlyStopping, onBatch, onProgress } = options;
  const onEpoch = (report: EpochReport) => {
    history.push(report);
    options.onEpoch?.(report);
  };
  const fitOptions: FitOptions = { control, earlyStopping, onBatch, onEpoch, onProgress };

  if (headOnly) {
    const features = keepFeatures ? headFeatures : undefined;
    const onBest = (weights: WeightArrays) => control.onBest(() => result({ weights, features }));
    const weights = await trainHead(headTask, { ...fitOptions, onBest });
    await recover?.('after the last step');
    return result({ weights, features });
  }

  // The gradients of an untrained head would damage the layers below it, so it is trained alone
  // first.
  const headWeights = await trainHead(
    { ...headTask, rows: { training: inputs.rows.training, validation: [] } },
    { control: { ready: () => control.ready() } },
  );
  await recover?.('before the first step');

  // 6. Train the other layers together with the head.
  const onBest = (weights: WeightArrays) => control.onBest(() => result({ weights }));
  const task = { base, net, layers, headWeights, inputs, settings, fallback, keepFeatures };
  return result(await trainLayers(task, { ...fitOptions, onBest }));
}

interface LayersTask {
  base: BaseModel;
  net: Sequential;
  layers: TrainableLayers;
  headWeights: WeightArrays;
  inputs: TrainingInputs;
  settings: LoopSettings;
  fallback: Fallback | undefined;
  keepFeatures: boolean;
}

/** Trained parameters, and the inputs of the head if they are kept. */
type TrainedParams = Pick<TuningResult, 'weights' | 'tensors'> & {
  features?: Features | undefined;
};

/** Trains copies of the base model's layers, with a head that is already trained. */
async function trainLayers(
  { base, net, layers, headWeights, inputs, settings, fallback, keepFeatures }: LayersTask,
  options: FitOptions,
): Promise<TrainedParams> {
  const { trained, frozenUpTo } = layers;
  const isTrained = (param: string) => trained.includes(topLayerOf(param));
  const frozen = Object.entries(base.tensors).filter(([name]) => !isTrained(name));
  const copied = Object.keys(net.params()).filter(
    (name) => isTrained(name) && !(name in headWeights),
  );
  // clone() would share the values.
  const copies = onBackend(base.tfBackend, () =>
    copied.map((name): [string, Tensor] => [name, mul(base.tensors[name]!, 1)]),
  );
  const trainer = new Trainer({
    ...{ net, tfBackend: base.tfBackend, trained, after: frozenUpTo },
    tensors: {
      ...Object.fromEntries([...frozen, ...copies]),
      ...paramTensors(base.tfBackend, net, headWeights),
    },
  });
  let keepWeights = false;
  try {
    const start: WeightArrays = {};
    if (fallback) {
      for (const name of trainer.trainableParams)
        start[name] = headWeights[name] ?? fallback.weights[name]!;
    }
    const move = async (moved: BaseModel, state: TrainerState) => {
      trainer.move(moved, state);
      return trainer;
    };
    const task = { trainer, data: inputs.training, settings, where: 'fineTune' };
    await fit(trainer, stepsWithFallback({ ...task, start, fallback, move }), options);

    // 7. Recompute the head's inputs, and return the trained tensors.
    const recover: Recover = async (when) => {
      await fallback?.recover(when);
      if (trainer.tfBackend !== base.tfBackend) trainer.move(base, await trainer.state());
    };
    const current = () => {
      const { tensors, tfBackend } = trainer;
      return { net, tensors, tfBackend, engine: new TfjsEngine({ net, tensors, tfBackend }) };
    };
    const { preprocessing } = base;
    const features = keepFeatures
      ? await inputs.headFeatures({ current, preprocessing, recover })
      : undefined;
    await recover('after the last step');
    // Without a fallback the weights cannot be lost, so they are not read.
    const { weights } = fallback ? await trainer.state({ velocities: false }) : { weights: {} };
    keepWeights = true;
    return { weights, tensors: pick(trainer.tensors, trainer.trainableParams), features };
  } finally {
    trainer.dispose({ keepWeights });
  }
}

const pick = <T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(keys.map((key) => [key, record[key]!]));
