/** fineTune: from a model and labelled pictures to a new model. */
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../backends/guest';
import type { ModelInternals } from '../model';
import { toDataset, type Dataset, type DatasetInput, type DatasetProblem } from './dataset';
import { checkClassesLeft, featurePass, passOn, type FeaturePassOptions } from './featurePass';
import { Features } from './features';
import { trainHead, type HeadTraining, type HeadWeights } from './head';
import { startPosition, trainingLoop, type LoopSettings } from './loop';
import { checkFineTuneOptions, checkLearningRate, type AugmentOptions, type FineTuneOptions } from './options';
import { pictures } from './pictures';
import { planTraining, withHead, type Plan } from './plan';
import { refuseHalfFloats } from './precision';
import type { History, StepReport } from './reports';
import type { RunControl, Steps } from './run';
import { constantRate } from './schedule';
import { mixedSeed } from './seeds';
import { stratifiedSplit, weightsOfClasses } from './split';
import { track } from './track';
import { Trainer } from './trainer';
import type { TrainingData } from './data';
import { headTensors, newModel, type Recipe, type TunedModel } from './tunedModel';

/** Steps that a head takes at least: a handful of pictures makes short epochs. */
const HEAD_STEPS = 200;
const HEAD_EPOCHS = 20;
const EPOCHS = 10;

/** What is known once the pictures have been through the frozen layers. */
interface Ready {
  /** Examples of the layers that learn. */
  training: TrainingData;
  validation: TrainingData | undefined;
  /** Of the same pictures, as the head of the base would see them. */
  headFeatures: Features;
  headTraining: number[];
  headValidation: number[];
  problems: DatasetProblem[];
  /** The features for the head once the layers below it have changed. */
  featuresAfter(tuned: ModelInternals): Promise<Features>;
}

/** The work behind `model.fineTune()`. Whoever leaves it early has it free all that it made. */
export async function* fineTune<Label extends string>(
  base: ModelInternals,
  input: DatasetInput<Label>,
  options: FineTuneOptions<Label>,
  control: RunControl<Label>,
): Steps<Label> {
  checkFineTuneOptions(options);
  const plan = planTraining(base.net, options.train);
  checkLearningRate('fineTune', options.learningRate, plan.trained);
  refuseHalfFloats('fineTune', base.engineName);
  const { signal, seed = 0, batchSize = 16, momentum = 0.9, weightDecay = 0.0005, classWeights = 'auto', keepFeatures = true } = options;
  const dataset = await toDataset(input, { where: 'fineTune', minClasses: 2, signal });
  const headOnly = plan.trained.length === 1;
  const ready = await prepare(base, plan, dataset, options);
  const labels = dataset.classes;
  checkClassesLeft('fineTune', labels, ready.training.classes, ready.problems);

  const net = withHead(base.net, plan.head, labels.length);
  const settings: Omit<LoopSettings, 'validation' | 'epochs'> = {
    batchSize,
    learningRates: learningRates(plan, options.learningRate, headOnly),
    momentum,
    weightDecay,
    seed,
    schedule: constantRate(),
    classWeights: weightsOfClasses(classWeights, labels, ready.training.classes),
    signal,
  };
  const headEpochs = Math.max(HEAD_EPOCHS, Math.ceil(HEAD_STEPS / Math.ceil(ready.headTraining.length / batchSize)));
  const recipe: Recipe = {
    ...{ batchSize, momentum, weightDecay, seed, augment: options.augment ?? !headOnly },
    headRate: headOnly ? settings.learningRates[plan.head]! : HEAD_RATE,
    classWeights: classWeights === 'equal' ? 'equal' : 'auto',
  };
  const finish = (own: Record<string, Tensor>, history: History, features: Features | undefined): TunedModel<Label> =>
    newModel<Label>({
      base,
      net,
      labels,
      own,
      trained: plan.trained,
      tuning: { history: [...history], problems: [...dataset.problems, ...ready.problems], features, recipe },
    });
  const stopped = () => control.stopped;
  const head = <Best>(epochs: number, track: HeadTraining<Best>['track']): HeadTraining<Best> => ({
    ...{ net, head: plan.head, after: plan.headAfter, engineName: base.engineName, features: ready.headFeatures, where: 'fineTune' },
    ...{ training: ready.headTraining, validation: ready.headValidation },
    settings: { ...settings, epochs, learningRates: { [plan.head]: recipe.headRate } },
    track,
  });

  if (headOnly) {
    const history: History = [];
    const kept = keepFeatures ? ready.headFeatures : undefined;
    const model = (weights: HeadWeights, so: History) => finish(headTensors(base.engineName, plan.head, weights), so, kept);
    const tracking = {
      ...options,
      stopped,
      onBest: (make: () => TunedModel<Label>) => (control.best = make),
      make: (weights: HeadWeights) => model(weights, history),
    };
    const outcome = yield* collecting(trainHead(head(options.epochs ?? headEpochs, tracking)), history as StepReport['completed'][] as never);
    return model(outcome.weights, outcome.history);
  }

  // Everything from fresh random weights of the head would tear at the layers below it: a head on the features as they are comes first.
  const first = yield* quietly(trainHead(head(headEpochs, { stopped, make: () => undefined })));
  const own: Record<string, Tensor> = {};
  let trainer: Trainer | undefined;
  let keepWeights = false;
  try {
    onBackend(base.engineName, () => {
      for (const name of Object.keys(net.params())) {
        const layer = name.slice(0, name.indexOf('/'));
        if (layer !== plan.head && plan.trained.includes(layer)) own[name] = mul(base.tensors[name]!, 1); // a copy: clone() shares numbers
      }
    });
    Object.assign(own, headTensors(base.engineName, plan.head, first.weights));
  } catch (error) {
    Object.values(own).forEach((made) => made.dispose());
    throw error;
  }
  void trainer;
  void keepWeights;
  void track;
  void Trainer;
  void startPosition;
  void trainingLoop;
  throw new Error('unfinished');
}
