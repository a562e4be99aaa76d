/** fineTune: from a model and labelled pictures to a new model. */
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../../backends/guest';
import { TfjsEngine } from '../../engines/tfjs/tfjsEngine';
import { prepareTraining } from '../../kernels/prepareTraining';
import type { ModelInternals } from '../../model/modelParts';
import { toDataset, type DatasetInput } from '../dataset/dataset';
import { trainHead, type HeadTraining, type HeadWeights } from './head';
import type { LoopSettings } from '../loop/loop';
import { checkFineTuneOptions, checkLearningRate, type FineTuneOptions } from './options';
import { planTraining, withHead, type Plan } from './trainableLayers';
import { refuseHalfFloats } from '../loop/precision';
import { prepare } from './prepareData';
import { HEAD_RATE, learningRates } from '../loop/learningRates';
import { refugeOf, sheltered, steadyLoop } from './recovery';
import type { EpochReport } from '../loop/history';
import type { TuningRecipe } from '../../weights/format/tuning';
import type { RunControl, Steps } from './fineTuneRun';
import { constantRate } from '../loop/schedule';
import { weightsOfClasses } from '../dataset/split';
import { track } from '../loop/earlyStopping';
import { Trainer } from '../loop/trainer';
import {
  asTensors,
  headNumbers,
  headTensors,
  newModel,
  type TunedModel,
  type Tuning,
} from '../../model/tunedModel';

/** A head by itself. */
const HEAD = { epochs: 20, steps: 200 };
/** All layers together. */
const LAYERS = { epochs: 10 };

/** Epochs of a head: more when a handful of pictures makes them short. */
export const headEpochs = (pictures: number, batchSize: number): number =>
  Math.max(HEAD.epochs, Math.ceil(HEAD.steps / Math.ceil(pictures / batchSize)));

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
  refuseHalfFloats('fineTune', base.tfBackend);
  const {
    signal,
    seed = 0,
    batchSize = 16,
    momentum = 0.9,
    weightDecay = 0.0005,
    classWeights = 'auto',
    keepFeatures = true,
  } = options;
  const headOnly = plan.trained.length === 1;
  const dataset = await toDataset(input, { where: 'fineTune', minClasses: 2, signal });
  const labels = dataset.classes;
  weightsOfClasses(classWeights, labels, []); // unknown labels are told before the long work
  await prepareTraining(base.tfBackend);
  const refuge = await refugeOf(base, 'fineTune');
  const rates = await sheltered(refuge, () => learningRates(base, plan, options.learningRate));
  const prepared = await prepare(base, plan, dataset, options);

  const net = withHead(base.net, plan.head, labels.length);
  const settings: Omit<LoopSettings, 'epochs' | 'learningRates'> = {
    ...{ batchSize, momentum, weightDecay, seed, signal },
    schedule: constantRate(),
    classWeights: weightsOfClasses(classWeights, labels, prepared.training.classes),
  };
  const recipe: TuningRecipe = {
    ...{ batchSize, momentum, weightDecay, seed, augment: options.augment ?? !headOnly },
    headRate: headOnly ? rates[plan.head]! : HEAD_RATE,
    classWeights: classWeights === 'equal' ? 'equal' : 'auto',
  };
  const history: EpochReport[] = [];
  const tuning = (features: Tuning['features']): Tuning => ({
    history: [...history],
    problems: [...dataset.problems, ...prepared.problems],
    features,
    recipe,
  });
  const model = (
    own: Record<string, Tensor>,
    numbers: Record<string, Float32Array>,
    features: Tuning['features'],
  ): TunedModel<Label> =>
    newModel<Label>({
      base,
      net,
      labels,
      own,
      numbers,
      trained: plan.trained,
      tuning: tuning(features),
    });
  const tracking = {
    earlyStopping: options.earlyStopping,
    onBatch: options.onBatch,
    onEpoch: (report: EpochReport) => {
      history.push(report);
      options.onEpoch?.(report);
    },
    onProgress: options.onProgress,
    onBest: (make: () => TunedModel<Label>) => (control.best = make),
    stopped: () => control.stopped,
  };
  const head = {
    ...{
      net,
      head: plan.head,
      tfBackend: base.tfBackend,
      ...prepared.head,
      where: 'fineTune',
      refuge,
    },
    settings: {
      ...settings,
      epochs: headEpochs(prepared.head.training.length, batchSize),
      learningRates: { [plan.head]: recipe.headRate },
    },
  } satisfies Omit<HeadTraining<never>, 'track'>;

  if (headOnly) {
    const kept = keepFeatures ? prepared.head.features : undefined;
    const make = (weights: HeadWeights) =>
      model(headTensors(base.tfBackend, plan.head, weights), headNumbers(plan.head, weights), kept);
    const epochs = options.epochs ?? head.settings.epochs;
    const weights = yield* trainHead({
      ...head,
      settings: { ...head.settings, epochs },
      track: { ...tracking, make },
    });
    await refuge?.settle('after the last step');
    return make(weights);
  }

  // A fresh head's gradients would tear at the layers below it: first a head on what they give as they are.
  const first = await finished(
    trainHead({
      ...head,
      validation: [],
      track: { stopped: tracking.stopped, make: () => undefined },
    }),
  );
  await refuge?.settle('before the first step');
  const tensors = { ...base.tensors };
  for (const name of Object.keys(tensors))
    if (plan.trained.includes(name.slice(0, name.indexOf('/')))) delete tensors[name];
  const own = trainable(base, plan, first);
  const trainer = new Trainer({
    net,
    tfBackend: base.tfBackend,
    tensors: { ...tensors, ...own },
    trained: plan.trained,
    after: plan.after,
  });
  let keepWeights = false;
  try {
    const loop = steadyLoop({
      ...{ trainer, refuge, where: 'fineTune' },
      data: prepared.training,
      settings: {
        ...settings,
        epochs: options.epochs ?? LAYERS.epochs,
        learningRates: rates,
        validation: prepared.validation,
      },
      start: refuge ? startWeights(trainer, plan, refuge.weights, first) : {},
    });
    const make = (weights: Record<string, Float32Array>) =>
      model(asTensors(base.tfBackend, net, weights), weights, undefined);
    yield* track(trainer, loop, { ...tracking, make });
    const toSafety = async () => {
      await refuge?.settle('after the last step');
      if (trainer.tfBackend !== base.tfBackend) trainer.move(base, await trainer.state());
      learnt.tfBackend = base.tfBackend;
      learnt.engine = new TfjsEngine(learnt);
    };
    const learnt = {
      ...base,
      net,
      tensors: trainer.tensors,
      engine: new TfjsEngine({ ...base, net, tensors: trainer.tensors }),
      recover: toSafety,
    };
    const features = keepFeatures ? await prepared.headFeatures(learnt) : undefined;
    await toSafety();
    const { weights } = refuge ? await trainer.state({ velocities: false }) : { weights: {} }; // the loop has read them: nothing is read now
    const tuned = model(
      Object.fromEntries(trainer.learning.map((name) => [name, trainer.tensors[name]!])),
      weights,
      features,
    );
    keepWeights = true;
    return tuned;
  } finally {
    trainer.dispose({ keepWeights });
  }
}

/** To the end, with nobody looking. */
async function finished<Result>(steps: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** Copies of the base's weights, and the head. */
function trainable(
  { net, tfBackend, tensors }: ModelInternals,
  { trained, head }: Plan,
  weights: HeadWeights,
): Record<string, Tensor> {
  const names = Object.keys(net.params()).filter(
    (name) => trained.includes(name.slice(0, name.indexOf('/'))) && !name.startsWith(`${head}/`),
  );
  const copies = onBackend(tfBackend, () => names.map((name) => [name, mul(tensors[name]!, 1)])); // clone() would share the numbers
  return { ...Object.fromEntries(copies), ...headTensors(tfBackend, head, weights) };
}

/** The numbers that training begins with. */
function startWeights(
  { learning }: Trainer,
  { head }: Plan,
  weights: Readonly<Record<string, Float32Array>>,
  { kernel, bias }: HeadWeights,
): Record<string, Float32Array> {
  const all: Record<string, Float32Array> = {
    ...weights,
    [`${head}/kernel`]: kernel,
    [`${head}/bias`]: bias,
  };
  return Object.fromEntries(learning.map((name) => [name, all[name]!]));
}
