/** addClass and removeClass: a tuned model with one class more, or one fewer. */
import { read } from '../../backends/contextLoss';
import { OptionsError, describe, suggest } from '../../errors';
import { CALLBACK, SIGNAL, checkOptions } from '../../platform/checkOptions';
import { prepareTraining } from '../../kernels/prepareTraining';
import { normalizeLabel, toDataset, type Images } from '../dataset/dataset';
import { weightsOfClasses } from '../dataset/split';
import { FINE_TUNE, SGD } from '../defaults';
import { constantRate } from '../loop/schedule';
import { checkClassesLeft, featurePass } from './featurePass';
import { headEpochs, trainHead, type HeadWeights } from './head';
import type { FineTuneOptions } from './options';
import { createFallback, retryOnContextLoss } from './recovery';
import { headOf, trainableLayers, withHead } from './trainableLayers';
import { augmentation } from './trainingInputs';
import type { BaseModel, Tuning, TuningResult } from './tuningResult';

/** Options of `addClass`. */
export interface AddClassOptions {
  /** Called with the progress of the feature pass, then of training. */
  onProgress?: FineTuneOptions['onProgress'] | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A tuned model with the record of its training. */
export interface TunedBase<Name extends string> extends BaseModel {
  readonly labels: readonly Name[];
  readonly tuning: Tuning;
}

/**
 * Trains a head with one more class, starting from the current head's weights, on the features that
 * the model has kept and those of the new images.
 */
export async function addClass<Name extends string, Label extends string>(
  base: TunedBase<Name>,
  label: Label,
  images: Images,
  options: AddClassOptions = {},
): Promise<TuningResult<Name | Label>> {
  checkOptions('addClass', options, { onProgress: CALLBACK, signal: SIGNAL });
  const { onProgress, signal } = options;
  const { features, recipe, history, problems } = base.tuning;
  checkNewLabel(label, base.labels);
  if (!features) {
    throw new OptionsError(
      'addClass: the model must have the features of its training images, but they were not kept (keepFeatures: false, or it was loaded). Fine-tune with all images.',
    );
  }
  if (!base.backend.lazyTfjs) await prepareTraining(base.tfBackend);
  const labels: (Name | Label)[] = [...base.labels, label];
  const fallback = await createFallback(base, 'addClass', { needsTfjs: false });
  const dataset = await toDataset({ [label]: images }, { where: 'addClass', signal });
  const { head, beforeHead } = trainableLayers(base.net, 'head', 'addClass');
  const { views, ...random } = augmentation(recipe.augment, true);
  const {
    batchSize = FINE_TUNE.batchSize,
    momentum = SGD.momentum,
    weightDecay = SGD.weightDecay,
    seed = SGD.seed,
  } = recipe;

  const { preprocessing } = base;
  const network = { current: () => base, preprocessing, recover: fallback?.recover };
  const pass = await featurePass(network, dataset.examples, {
    ...{ upTo: beforeHead!, views, augmentation: random, seed, signal },
    onImage: (loaded, total) => onProgress?.({ phase: 'features', loaded, total }),
  });
  const allFeatures = features.with(pass.features.relabeled([labels.length - 1]));
  checkClassesLeft('addClass', labels, allFeatures.classes, pass.problems);

  const net = withHead(base.net, head, labels.length);
  const start = await retryOnContextLoss(fallback?.recover, 'before the first step', () =>
    readColumns(base, head, [...base.labels.keys(), undefined]),
  );
  const weights = await trainHead(
    {
      ...{ net, head, base, start, fallback, where: 'addClass' },
      features: allFeatures,
      rows: { training: [...allFeatures.rows.keys()], validation: [] },
      settings: {
        ...{ batchSize, momentum, weightDecay, seed, signal },
        epochs: headEpochs(allFeatures.rows.length, batchSize),
        learningRates: { [head]: recipe.headRate },
        schedule: constantRate(),
        classWeights: weightsOfClasses(recipe.classWeights, labels, allFeatures.classes),
      },
    },
    { onProgress },
  );
  await fallback?.recover('after the last step');
  return {
    ...{ net, labels, weights, trained: [head] },
    tuning: {
      ...{ recipe, history, features: allFeatures },
      problems: [...problems, ...dataset.problems, ...pass.problems],
    },
  };
}

function checkNewLabel(label: unknown, labels: readonly string[]): void {
  if (typeof label !== 'string' || label.trim() === '')
    throw new OptionsError(`addClass: the label must be a string, got ${describe(label)}.`);
  const twin = labels.find((known) => normalizeLabel(known) === normalizeLabel(label));
  if (twin !== undefined) {
    throw new OptionsError(
      `addClass: the label must be new, but there is a class "${twin}". Fine-tune with all its images, or use another label.`,
    );
  }
}

/** Removes a class from the head. The other classes share its probability; nothing is trained. */
export async function removeClass<Name extends string, Label extends Name>(
  base: TunedBase<Name>,
  label: Label,
): Promise<TuningResult<Exclude<Name, Label>>> {
  const removed = base.labels.indexOf(label);
  if (removed < 0) {
    throw new OptionsError(
      `removeClass: the label must be one of the model's, got ${describe(label)}. ${suggest(String(label), base.labels)}`,
    );
  }
  if (base.labels.length <= 2) {
    throw new OptionsError(
      `removeClass: a model must keep at least two classes, got ${base.labels.join(', ')}. Add another class first.`,
    );
  }
  const head = headOf(base.net, 'removeClass');
  const columns = [...base.labels.keys()].filter((index) => index !== removed);
  const { kernel, bias } = await readColumns(base, head, columns);
  const labels = columns.map((index) => base.labels[index] as Exclude<Name, Label>);
  const newIndices = base.labels.map((_, index) =>
    index === removed ? undefined : index - (index > removed ? 1 : 0),
  );
  return {
    ...{ labels, net: withHead(base.net, head, labels.length), trained: [head] },
    weights: { [`${head}/kernel`]: kernel, [`${head}/bias`]: bias },
    tuning: { ...base.tuning, features: base.tuning.features?.relabeled(newIndices) },
  };
}

/**
 * Reads the given columns of the head's weights, one for each class; undefined is a new column of
 * zeros.
 */
async function readColumns(
  { tensors, tfBackend }: BaseModel,
  head: string,
  columns: readonly (number | undefined)[],
): Promise<HeadWeights> {
  const [kernel, bias] = await Promise.all(
    ['kernel', 'bias'].map((param) => read(tfBackend, tensors[`${head}/${param}`]!)),
  );
  const classes = bias!.length;
  const count = columns.length;
  const chosen = {
    kernel: new Float32Array((kernel!.length / classes) * count),
    bias: new Float32Array(count),
  };
  columns.forEach((column, c) => {
    if (column === undefined) return;
    chosen.bias[c] = bias![column]!;
    for (let row = 0; row * classes < kernel!.length; row++)
      chosen.kernel[row * count + c] = kernel![row * classes + column]!;
  });
  return chosen;
}
