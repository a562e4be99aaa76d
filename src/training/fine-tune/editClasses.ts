/** addClass and removeClass: a tuned model with one class more, or less. */
import { read } from '../../backends/contextLoss';
import { OptionsError, describe, suggest } from '../../errors';
import { prepareTraining } from '../../kernels/prepareTraining';
import { likeness, toDataset, type Pictures } from '../dataset/dataset';
import { checkClassesLeft, featurePass } from './featurePass';
import { headEpochs } from './fineTune';
import { trainHead, type HeadWeights } from './head';
import { headOf, planTraining, withHead } from './trainableLayers';
import { augmentationOf } from './prepareData';
import { refugeOf, sheltered } from './recovery';
import { release } from '../../platform/sharedTensors';
import { constantRate } from '../loop/schedule';
import { weightsOfClasses } from '../dataset/split';
import {
  headNumbers,
  headTensors,
  newModel,
  type AddClassOptions,
  type TunedModel,
} from '../../model/tunedModel';
import type { ModelInternals } from '../../model/modelParts';

/** The numbers of the head, with the columns of `columns`; undefined is a new one, of zeros. */
async function columnsOf(
  { tensors, tfBackend }: ModelInternals,
  head: string,
  columns: readonly (number | undefined)[],
): Promise<HeadWeights> {
  const [kernel, bias] = await Promise.all(
    ['kernel', 'bias'].map((param) => read(tfBackend, tensors[`${head}/${param}`]!)),
  );
  const known = bias!.length;
  const count = columns.length;
  const numbers = {
    kernel: new Float32Array((kernel!.length / known) * count),
    bias: new Float32Array(count),
  };
  columns.forEach((column, c) => {
    if (column === undefined) return;
    numbers.bias[c] = bias![column]!;
    for (let row = 0; row * known < kernel!.length; row++)
      numbers.kernel[row * count + c] = kernel![row * known + column]!;
  });
  return numbers;
}

/** The work behind `tuned.addClass()`. */
export async function addClass<Name extends string, Label extends string>(
  model: TunedModel<Name>,
  label: Label,
  pictures: Pictures,
  { onProgress, signal }: AddClassOptions = {},
): Promise<TunedModel<Name | Label>> {
  if (typeof label !== 'string' || label.trim() === '')
    throw new OptionsError(`addClass: a label is a text, got ${describe(label)}.`);
  const twin = model.labels.find((known) => likeness(known) === likeness(label));
  if (twin !== undefined)
    throw new OptionsError(
      `addClass: there is a class "${twin}" already. Fine-tune with all its pictures, or take another label.`,
    );
  const { features, recipe, history, problems } = model.tuning;
  if (!features) {
    throw new OptionsError(
      'addClass: the features of the earlier pictures were not kept with this model (keepFeatures: false, or it was loaded). Fine-tune with all pictures.',
    );
  }
  const base = model.hold('addClass');
  try {
    await prepareTraining(base.tfBackend);
    const labels = [...model.labels, label];
    const refuge = await refugeOf(base, 'addClass');
    const dataset = await toDataset({ [label]: pictures }, { where: 'addClass', signal });
    const { headAfter, head } = planTraining(base.net, 'head', 'addClass');
    const { views, ...augmentation } = augmentationOf(recipe.augment, true);
    const pass = await featurePass(base, dataset.examples, {
      ...{ upTo: headAfter!, views, augmentation, signal, seed: recipe.seed ?? 0 },
      onPicture: (loaded, total) => onProgress?.({ phase: 'features', loaded, total }),
    });
    const all = features.with(pass.features.relabelled([labels.length - 1]));
    checkClassesLeft('addClass', labels, all.classes, pass.problems);
    const net = withHead(base.net, head, labels.length);
    const { batchSize = 16, momentum = 0.9, weightDecay = 0.0005, seed = 0 } = recipe;
    const steps = trainHead({
      ...{
        net,
        head,
        tfBackend: base.tfBackend,
        features: all,
        validation: [],
        where: 'addClass',
        refuge,
      },
      training: [...all.rows.keys()],
      start: await sheltered(refuge, () =>
        columnsOf(base, head, [...model.labels.keys(), undefined]),
      ),
      settings: {
        ...{ batchSize, momentum, weightDecay, seed, signal },
        epochs: headEpochs(all.rows.length, batchSize),
        learningRates: { [head]: recipe.headRate },
        schedule: constantRate(),
        classWeights: weightsOfClasses(recipe.classWeights, labels, all.classes),
      },
      track: { onProgress, make: () => undefined },
    });
    for (;;) {
      const { done, value } = await steps.next();
      if (!done) continue;
      await refuge?.settle('after the last step');
      return newModel<Name | Label>({
        ...{
          base,
          net,
          labels,
          own: headTensors(base.tfBackend, head, value),
          numbers: headNumbers(head, value),
          trained: [head],
        },
        tuning: {
          recipe,
          history,
          problems: [...problems, ...dataset.problems, ...pass.problems],
          features: all,
        },
      });
    }
  } finally {
    Object.values(base.tensors).forEach(release);
  }
}

/** The work behind `tuned.removeClass()`. */
export async function removeClass<Name extends string, Label extends Name>(
  model: TunedModel<Name>,
  label: Label,
): Promise<TunedModel<Exclude<Name, Label>>> {
  const gone = model.labels.indexOf(label);
  if (gone < 0)
    throw new OptionsError(
      `removeClass: there is no class ${describe(label)}. ${suggest(String(label), model.labels)}`,
    );
  if (model.labels.length <= 2) {
    throw new OptionsError(
      `removeClass: a model tells two classes or more apart, got ${model.labels.join(', ')}. Add another first.`,
    );
  }
  return model.steady('removeClass', () => withoutClass<Name, Label>(model, gone));
}

async function withoutClass<Name extends string, Label extends Name>(
  model: TunedModel<Name>,
  gone: number,
): Promise<TunedModel<Exclude<Name, Label>>> {
  const base = model.hold('removeClass');
  try {
    const head = headOf(base.net, 'removeClass');
    const columns = [...model.labels.keys()].filter((index) => index !== gone);
    const numbers = await columnsOf(base, head, columns);
    const labels = columns.map((index) => model.labels[index]!);
    const indices = model.labels.map((_, index) =>
      index === gone ? undefined : index - (index > gone ? 1 : 0),
    );
    return newModel<Exclude<Name, Label>>({
      ...{ base, labels, net: withHead(base.net, head, labels.length), trained: [head] },
      own: headTensors(base.tfBackend, head, numbers),
      numbers: headNumbers(head, numbers),
      tuning: { ...model.tuning, features: model.tuning.features?.relabelled(indices) },
    });
  } finally {
    Object.values(base.tensors).forEach(release);
  }
}
