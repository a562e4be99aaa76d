/**
 * TunedModel: a fine-tuned model, with its training history and methods that add and remove
 * classes.
 */
import { onBackend } from '../backends/activeBackend';
import { backendTensor } from '../engines/lazyTensor';
import { SplitEngine } from '../engines/splitEngine';
import { openTfjs } from '../engines/tfjs/openTfjs';
import { BackendError } from '../errors';
import { topLayerOf } from '../layers/layer';
import { sequential, type Sequential } from '../layers/sequential';
import { release, share } from '../platform/sharedTensors';
import type { DatasetInput, DatasetProblem, Images } from '../training/dataset/dataset';
import type { EvaluateOptions, Evaluation } from '../training/evaluate';
import type { AddClassOptions } from '../training/fine-tune/editClasses';
import type { FineTuneOptions } from '../training/fine-tune/options';
import type { BaseModel, Tuning, TuningResult } from '../training/fine-tune/tuningResult';
import type { WeightArrays } from '../training/loop/trainer';
import type { History } from '../weights/format/tuning';
import type { ReloadWeights } from '../weights/read/read';
import type { FineTuneRunControl } from './fineTuneRun';
import { Model } from './model';
import type { ModelInternals, ModelParts } from './modelParts';
import { moveToWasm, readWeights } from './recover';

export type { AddClassOptions, Tuning };

/**
 * A fine-tuned model. It shares the weights that were not trained with the model that it was made
 * from.
 */
export class TunedModel<Name extends string = string> extends Model<Name> {
  /** The reports of training, one per epoch. */
  readonly history: History;
  /** Images that were left out of training, and why. */
  readonly problems: readonly DatasetProblem[];
  /** @internal */
  readonly tuning: Tuning;

  /** @internal Use `model.fineTune()`. */
  constructor(parts: ModelParts, tuning: Tuning) {
    super(parts);
    this.history = tuning.history;
    this.problems = tuning.problems;
    this.tuning = tuning;
  }

  /**
   * Classifies labeled images, and returns top-1 and top-5 accuracy, precision and recall of each
   * class, and the confusion matrix. `String(evaluation)` is a table.
   */
  async evaluate(images: DatasetInput, options?: EvaluateOptions): Promise<Evaluation> {
    const { evaluate } = await import('../training/evaluate');
    return evaluate(this, images, options);
  }

  /**
   * Returns a new model with one more class. Its head is trained further on the features of the new
   * images and of the earlier ones, which this model has kept; all other layers are unchanged.
   *
   * @throws OptionsError for a label that exists, or if the features were not kept (`keepFeatures:
   * false`, or a saved model).
   */
  async addClass<const Label extends string>(
    label: Label,
    images: Images,
    options?: AddClassOptions,
  ): Promise<TunedModel<Name | Label>> {
    const { addClass } = await import('../training/fine-tune/editClasses');
    return this.#derive('addClass', (base) => addClass(base, label, images, options));
  }

  /**
   * Returns a new model without a class: the other classes share its probability. Nothing is
   * trained.
   */
  async removeClass<const Label extends Name>(
    label: Label,
  ): Promise<TunedModel<Exclude<Name, Label>>> {
    const { removeClass } = await import('../training/fine-tune/editClasses');
    return this.retryOnContextLoss('removeClass', () =>
      this.#derive('removeClass', (base) => removeClass(base, label)),
    );
  }

  /** Holds this model's tensors while `work` runs, and makes a model of its result. */
  async #derive<Label extends string>(
    method: string,
    work: (
      base: BaseModel & Pick<TunedModel<Name>, 'labels' | 'tuning'>,
    ) => Promise<TuningResult<Label>>,
  ): Promise<TunedModel<Label>> {
    const { labels, tuning } = this;
    const held = Object.assign(baseModel(this.hold(method)), { labels, tuning });
    try {
      return createTunedModel(held, await work(held));
    } finally {
      Object.values(held.tensors).forEach(release);
    }
  }
}

/** Fine-tunes a held model: the work of `model.fineTune()`. */
export async function fineTuneModel<Label extends string>(
  held: ModelInternals,
  images: DatasetInput<Label>,
  options: FineTuneOptions<Label>,
  { onBest, ...control }: FineTuneRunControl<Label>,
): Promise<TunedModel<Label>> {
  const { fineTune } = await import('../training/fine-tune/fineTune');
  const base = baseModel(held);
  const result = await fineTune(base, images, options, {
    ...control,
    onBest: (best) => onBest(() => createTunedModel(base, best())),
  });
  return createTunedModel(base, result);
}

/** Returns a held model in the form that training needs. */
const baseModel = (held: ModelInternals): ModelInternals & BaseModel =>
  Object.assign(held, {
    readWeights: () => readWeights(held),
    moveToWasm: (weights: Readonly<WeightArrays>) => moveToWasm(held, weights),
    openTfjs: async (what: string) => {
      held.backend = await openTfjs(held.backend, what);
      held.tfBackend = held.backend.tfBackend;
    },
  });

/**
 * Returns a model of trained parameters, which it then owns, and of the base's tensors for all
 * other layers. Synchronous, so that the base cannot be disposed meanwhile.
 */
function createTunedModel<Name extends string>(
  base: ModelInternals,
  { net, labels, trained, weights, tensors: trainedTensors, tuning }: TuningResult<Name>,
): TunedModel<Name> {
  const { backend } = base;
  const specs = net.params();
  const put = ([name, values]: [string, Float32Array]) =>
    [name, backendTensor(backend, specs[name]!.shape, values)] as const;
  const own = trainedTensors ?? Object.fromEntries(Object.entries(weights).map(put));
  const ownLayers = new Set(Object.keys(own).map(topLayerOf));
  const layers = net.names.filter((name) => ownLayers.has(name));
  const trainedNet = sequential(
    Object.fromEntries(layers.map((name) => [name, net.layers[name]!])),
  );
  const constants = backend.lazyTfjs
    ? {}
    : onBackend(backend.tfBackend, () => trainedNet.constants(own));
  const shared = Object.entries(base.tensors).filter(
    ([name]) => net.names.includes(topLayerOf(name)) && !ownLayers.has(topLayerOf(name)),
  );
  if (shared.some(([, tensor]) => tensor.isDisposed)) {
    [...Object.values(own), ...Object.values(constants)].forEach((tensor) => tensor.dispose());
    throw new BackendError(
      'fineTune: the model that this run started from must not be disposed before best(). Call best() first.',
    );
  }
  shared.forEach(([, tensor]) => share(tensor));
  const tensors = { ...own, ...Object.fromEntries(shared), ...constants };
  const engine = SplitEngine.before(layers[0]!, base.engine, { net, tensors, backend });
  const allTrained = new Set([...(base.origin?.trained ?? []), ...trained]);
  return new TunedModel<Name>(
    {
      name: base.name.endsWith('-tuned') ? base.name : `${base.name}-tuned`,
      net,
      tensors,
      engine,
      classes: labels.map((label) => ({ label, id: label })),
      preprocessing: base.preprocessing,
      backend,
      reload: backend.name === 'webgl' ? reloadWith(base.reload, net, weights) : undefined,
      origin: base.origin && {
        base: base.origin.base,
        trained: net.names.filter((name) => allTrained.has(name)),
      },
    },
    tuning,
  );
}

/** Returns a function that reloads the base's parameters, some of them replaced by `weights`. */
function reloadWith(
  reloadBase: ReloadWeights | undefined,
  net: Sequential,
  weights: Readonly<WeightArrays>,
): ReloadWeights | undefined {
  const specs = net.params();
  const frozen = Object.keys(specs).filter((name) => !(name in weights));
  if (!reloadBase && frozen.length > 0) return undefined;
  return async (put, signal) => {
    if (frozen.length > 0) {
      await reloadBase!(
        (name, shape, values) => frozen.includes(name) && put(name, shape, values),
        signal,
      );
    }
    for (const [name, values] of Object.entries(weights)) put(name, specs[name]!.shape, values);
  };
}
