/** createModel: the implementation of create(). */
import { chooseBackend } from '../backends/chooseBackend';
import { NetworkLoader } from '../engines/networkLoader';
import { selfTest } from '../engines/tfjs/selfTest';
import { OptionsError, WeightsError } from '../errors';
import { initialize } from '../layers/init';
import type { Sequential } from '../layers/sequential';
import { classCount, type Label } from '../weights/format/manifest';
import { parsePreprocessing, type Preprocessing } from '../weights/format/preprocessing';
import type { ReloadWeights } from '../weights/read/read';
import { OBJECT, checkKnown, checkOptions, rule, type Rules } from '../platform/checkOptions';
import { isStringArray } from '../platform/typeGuards';
import { STARTING_RULES, type CreateOptions } from './load';
import { Model } from './model';
import { startModel } from './warmUp';

const RULES: Rules<CreateOptions> = {
  ...STARTING_RULES,
  labels: rule('a list of names', isStringArray),
  preprocessing: OBJECT,
  seed: rule('an integer', Number.isInteger),
};

/**
 * Checks that network, labels and preprocessing fit together, draws initial weights, and makes the
 * model.
 */
export async function createModel<Name extends string>(
  net: Sequential,
  options: CreateOptions<Name>,
): Promise<Model<Name>> {
  checkOptions('create', options, RULES);
  const {
    labels,
    preprocessing,
    seed = 0,
    backend = 'auto',
    onProgress,
    signal,
    ...backendOptions
  } = options;
  const inputSize = inputSizeOf(net);
  const classes = labelsOf(net, labels);
  const parsed = parsedPreprocessing(preprocessing ?? paperPreprocessing(inputSize));
  if (parsed.inputSize !== inputSize)
    throw new OptionsError(
      `create: preprocessing.inputSize must be the network's ${inputSize} pixels, got ${parsed.inputSize}.`,
    );
  const chosen = await chooseBackend(backend, { selfTest }, backendOptions, signal);
  const specs = net.params();
  const reload: ReloadWeights = async (put) => {
    for (const [name, values] of initialize(specs, seed)) put(name, specs[name]!.shape, values);
  };
  const loader = NetworkLoader.onTensors(net, chosen);
  try {
    await reload((...param) => loader.put(...param));
    const facts = { name: 'created', net, classes, preprocessing: parsed };
    const parts = { ...facts, ...(await loader.finish()), reload };
    const model = await startModel(parts, (made) => new Model(made), { onProgress, signal });
    return model as Model<Name>;
  } catch (error) {
    loader.dispose();
    throw error;
  }
}

function inputSizeOf({ inputShape }: Sequential): number {
  const [height, width, channels] = inputShape ?? [];
  if (height !== undefined && height === width && channels === 3) return height;
  throw new OptionsError(
    `create: the network's inputShape must be [side, side, 3], square RGB images, got [${inputShape?.join(', ') ?? ''}]. Pass inputShape to sequential().`,
  );
}

function labelsOf(net: Sequential, labels: readonly string[] | undefined): Label[] {
  const classes = classCount(net);
  const names = labels ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
  const different = new Set(names).size;
  if (names.length !== classes || different !== classes) {
    throw new OptionsError(
      `create: labels must be ${classes} different names, one for each class of the network, got ${names.length}, ${different} of them different.`,
    );
  }
  return names.map((label) => ({ label, id: label }));
}

/** @throws OptionsError instead of WeightsError, because the caller wrote them and not a file. */
function parsedPreprocessing(preprocessing: Preprocessing): Preprocessing {
  const known = ['resize', 'crop', 'inputSize', 'mean', 'std'] satisfies (keyof Preprocessing)[];
  checkKnown('create: preprocessing', preprocessing, known);
  try {
    return parsePreprocessing(preprocessing, 'create');
  } catch (error) {
    if (error instanceof WeightsError)
      throw new OptionsError(`create: ${error.problems.slice(0, 3).join(' ')}`);
    throw error;
  }
}

/** The paper's (section 2), scaled to the input: 256 pixels for 227, and ImageNet's mean color. */
const paperPreprocessing = (inputSize: number): Preprocessing => ({
  resize: Math.round((inputSize * 256) / 227),
  crop: inputSize,
  inputSize,
  mean: [123.675, 116.28, 103.53],
});
