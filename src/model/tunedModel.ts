/** TunedModel: what fineTune() gives: a model that knows how it was trained, and can be taught more classes. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../backends/guest';
import { SplitEngine } from '../engines/splitEngine';
import { TfjsEngine } from '../engines/tfjs/tfjsEngine';
import { BackendError } from '../errors';
import { sequential, type Sequential } from '../layers/sequential';
import { Model } from './model';
import type { ModelInternals, ModelParts } from './modelParts';
import { share } from '../platform/sharedTensors';
import type { DatasetInput, DatasetProblem, Pictures } from '../training/dataset/dataset';
import type { EvaluateOptions, Evaluation } from '../training/evaluate';
import type { Features } from '../training/fine-tune/features';
import type { HeadWeights } from '../training/fine-tune/head';
import type { FineTuneOptions } from '../training/fine-tune/options';
import type { History, TuningRecipe } from '../weights/format/tuning';
import type { ReloadWeights } from '../weights/read/read';

/** What a tuned model knows beside what every model does. */
export interface Tuning {
  history: History;
  problems: readonly DatasetProblem[];
  /** Of its pictures, as its head sees them; undefined when they were not kept. */
  features: Features | undefined;
  recipe: TuningRecipe;
}

/** What `addClass` may be told. */
export interface AddClassOptions {
  /** Told how far features and training are. */
  onProgress?: FineTuneOptions['onProgress'] | undefined;
  /** Ends it with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A model that was fine-tuned. It shares the weights that were not trained with the one it came from. */
export class TunedModel<Name extends string = string> extends Model<Name> {
  /** What its training came to, epoch by epoch. */
  readonly history: History;
  /** Pictures that were left out of it, and why. */
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
   * How often it is right on labelled pictures: top-1 and top-5, precision and recall of each class, and which classes it takes for
   * which. `String(evaluation)` is a table.
   */
  async evaluate(pictures: DatasetInput, options?: EvaluateOptions): Promise<Evaluation> {
    const { evaluate } = await import('../training/evaluate');
    return evaluate(this, pictures, options);
  }

  /**
   * A new model that knows one class more. Its head goes on from this one's, on the features of the earlier pictures, which this
   * model has kept, and those of the new ones; all other layers stay.
   *
   * @throws OptionsError for a label that is there already, and where the features were not kept (`keepFeatures: false`, or a saved model).
   */
  async addClass<const Label extends string>(
    label: Label,
    pictures: Pictures,
    options?: AddClassOptions,
  ): Promise<TunedModel<Name | Label>> {
    const { addClass } = await import('../training/fine-tune/editClasses');
    return addClass<Name, Label>(this, label, pictures, options);
  }

  /** A new model that has forgotten a class: the others share out its probability. Nothing is trained. */
  async removeClass<const Label extends Name>(
    label: Label,
  ): Promise<TunedModel<Exclude<Name, Label>>> {
    const { removeClass } = await import('../training/fine-tune/editClasses');
    return removeClass<Name, Label>(this, label);
  }
}

export interface NewModel {
  /** With tensors that the new model may share. */
  base: ModelInternals;
  net: Sequential;
  labels: readonly string[];
  /** Tensors of its own, by parameter; it takes the base's for all others. */
  own: Record<string, Tensor>;
  /** These as numbers, which are kept where a GPU could lose them. */
  numbers: Readonly<Record<string, Float32Array>>;
  /** Layers trained since the base was loaded, those of its own among them. */
  trained: readonly string[];
  tuning: Tuning;
}

/** A model of a base's frozen tensors and trained ones of its own. Synchronous: nobody can dispose the base in between. */
export function newModel<Name extends string>({
  base,
  net,
  labels,
  own,
  numbers,
  trained,
  tuning,
}: NewModel): TunedModel<Name> {
  const tensors: Record<string, Tensor> = { ...own };
  const layersOfOwn = new Set(Object.keys(own).map((name) => name.slice(0, name.lastIndexOf('/'))));
  const fresh = net.names.filter((name) => layersOfOwn.has(name));
  const constants = onBackend(base.tfBackend, () =>
    sequential(Object.fromEntries(fresh.map((name) => [name, net.layers[name]!]))).constants(own),
  );
  const kept = new Set(net.names);
  for (const [name, shared] of Object.entries(base.tensors)) {
    const layer = name.slice(0, name.indexOf('/'));
    if (layersOfOwn.has(layer) || !kept.has(layer)) continue;
    if (shared.isDisposed) {
      [...Object.values(own), ...Object.values(constants)].forEach((made) => made.dispose());
      throw new BackendError(
        'fineTune: the model that this run began from is disposed by now. Ask for the best model before you dispose it.',
      );
    }
    tensors[name] = shared;
  }
  for (const [name, held] of Object.entries(tensors)) if (!(name in own)) share(held);
  Object.assign(tensors, constants);
  const engine = SplitEngine.before(
    fresh[0]!,
    base.engine,
    new TfjsEngine({ ...base.backend, net, tensors }),
  );
  const since = new Set([...(base.origin?.trained ?? []), ...trained]);
  return new TunedModel<Name>(
    {
      name: base.name.endsWith('-tuned') ? base.name : `${base.name}-tuned`,
      net,
      tensors,
      engine,
      classes: labels.map((label) => ({ label, id: label })),
      preprocessing: base.preprocessing,
      backend: base.backend,
      again: base.backend.name === 'webgl' ? withOwn(base.again, net, numbers) : undefined,
      origin: base.origin && {
        base: base.origin.base,
        trained: net.names.filter((name) => since.has(name)),
      },
    },
    tuning,
  );
}

/** What hands over a base's parameters again, and numbers of one's own in the place of some. */
function withOwn(
  base: ReloadWeights | undefined,
  net: Sequential,
  numbers: Readonly<Record<string, Float32Array>>,
): ReloadWeights | undefined {
  const specs = net.params();
  const frozen = Object.keys(specs).filter((name) => !(name in numbers));
  if (!base && frozen.length > 0) return undefined;
  return async (put, signal) => {
    if (frozen.length > 0)
      await base!(
        (name, shape, values) => frozen.includes(name) && put(name, shape, values),
        signal,
      );
    for (const [name, values] of Object.entries(numbers)) put(name, specs[name]!.shape, values);
  };
}

/** A head's numbers by parameter. */
export const headNumbers = (
  head: string,
  { kernel, bias }: HeadWeights,
): Record<string, Float32Array> => ({
  [`${head}/kernel`]: kernel,
  [`${head}/bias`]: bias,
});

/** A head's numbers as tensors on a backend. */
export function headTensors(
  tfBackend: string,
  head: string,
  { kernel, bias }: HeadWeights,
): Record<string, Tensor> {
  const classes = bias.length;
  return onBackend(tfBackend, () => ({
    [`${head}/kernel`]: tensor(kernel, [kernel.length / classes, classes]),
    [`${head}/bias`]: tensor(bias, [classes]),
  }));
}

/** Parameters as tensors on a backend. */
export function asTensors(
  tfBackend: string,
  net: Sequential,
  weights: Record<string, Float32Array>,
): Record<string, Tensor> {
  const specs = net.params();
  const entries = Object.entries(weights);
  return onBackend(tfBackend, () =>
    Object.fromEntries(
      entries.map(([name, values]) => [name, tensor(values, [...specs[name]!.shape])]),
    ),
  );
}
