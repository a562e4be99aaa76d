/** Model and TunedModel of `alexnet-ts/worker`, whose methods run in the worker. */
import { BackendError, OptionsError, WeightsError, reasonOf } from '../errors';
import type { NetworkSummary } from '../layers/summary';
import type { Model as PageModel } from '../model/model';
import type { BackendChange } from '../model/modelParts';
import type { AddClassOptions, TunedModel as PageTunedModel } from '../model/tunedModel';
import type { DatasetInput, Images, LabeledImage } from '../training/dataset/dataset';
import type { FineTuneOptions } from '../training/fine-tune/options';
import type { SaveTarget } from '../weights/save/destination';
import type { SaveOptions, SaveResult } from '../weights/save/save';
import type { Connection } from './connection';
import { FineTuneRun } from './fineTuneRun';
import { remoteNetwork, type RemoteNetwork } from './network';
import {
  MODEL_METHODS,
  TUNED_METHODS,
  type ArgumentKind,
  type COPIED_PROPERTIES,
  type RemoteModelFacts,
  type TUNED_PROPERTIES,
  type WithArtifacts,
  type WithText,
} from './protocol';
import { canSave, serializeArguments, serializeDataset, transferred } from './serializeArguments';

export type { SaveTarget };

/** The members with the same type on the page and in the worker: copied properties and methods. */
type SameAsModel<Name extends string> = Pick<
  PageModel<Name>,
  (typeof COPIED_PROPERTIES)[number] | Exclude<keyof typeof MODEL_METHODS, 'save'>
>;
type SameAsTunedModel = Pick<PageTunedModel, (typeof TUNED_PROPERTIES)[number] | 'evaluate'>;

/* eslint-disable @typescript-eslint/no-unsafe-declaration-merging -- `defineMethods` adds the methods */

/**
 * A network with its weights on one backend, in the page's worker. Made by `load()` and `create()`
 * of `alexnet-ts/worker`. Its properties are copies, its methods run in the worker.
 */
export interface Model<Name extends string = string> extends SameAsModel<Name> {
  /** Like `Model.save` of `alexnet-ts`. The functions of an IO handler run on the page. */
  save(where: SaveTarget, options?: SaveOptions): Promise<SaveResult>;
}

/** A model in the worker. Its methods are those of `Model` of `alexnet-ts`. */
export class Model<Name extends string = string> {
  /** The layers, as data. */
  readonly net: RemoteNetwork;
  /** Called when the model has moved to another backend because its WebGL context was lost. */
  onBackendChange?: ((change: BackendChange) => void) | undefined;
  readonly #connection: Connection;
  readonly #facts: RemoteModelFacts;
  #disposed = false;

  /** @internal Use `load()` or `create()`. */
  constructor(connection: Connection, facts: RemoteModelFacts) {
    this.#connection = connection;
    this.#facts = facts;
    Object.assign(this, facts.properties);
    this.net = remoteNetwork(facts);
    connection.register(facts.modelId, (change) => {
      Object.assign(this, { backend: change.to });
      this.onBackendChange?.(change);
    });
  }

  /** Marks the model as not a plain object, so that Vue and others do not wrap it in a Proxy. */
  get [Symbol.toStringTag](): string {
    return 'Model';
  }

  /**
   * Resolves immediately: a model in the worker is returned when all of its weights have loaded.
   */
  get ready(): Promise<void> {
    return Promise.resolve();
  }

  /** Returns the layers with their shapes, parameters and multiply-adds; as a string, a table. */
  summary(): NetworkSummary {
    return withText(structuredClone(this.#facts.summary));
  }

  /** Like `Model.fineTune` of `alexnet-ts`. Training runs in the worker. */
  fineTune<const Class extends string>(
    pictures: Readonly<Record<Class, Images>>,
    options?: FineTuneOptions<NoInfer<Class>>,
  ): FineTuneRun<Class>;
  fineTune<const Class extends string>(
    pictures: DatasetInput<Class> | Iterable<LabeledImage<Class>>,
    options?: FineTuneOptions<NoInfer<Class>>,
  ): FineTuneRun<Class>;
  fineTune<const Class extends string>(
    pictures: DatasetInput<Class>,
    options?: FineTuneOptions<Class>,
  ): FineTuneRun<Class> {
    const { connection, modelId } = this.location('fineTune');
    return new FineTuneRun<Class>({
      connection,
      modelId,
      options,
      serialize: async () => transferred(await serializeDataset(pictures, options?.signal)),
      createModel: (facts) => new TunedModel<Class>(connection, facts),
    });
  }

  /**
   * Whether the model was fine-tuned: then it has `history`, `evaluate()`, `addClass()` and
   * `removeClass()`.
   */
  isTuned(): this is TunedModel<Name> {
    return this.#facts.tuned;
  }

  /**
   * Frees the model in the worker. Disposing the last model ends the worker. May be called more
   * than once.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#connection.release(this.#facts.modelId);
  }

  /** `using model = await load()` frees it at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Returns the connection and the id of the model, for calls with several models. */
  location(method: string): { connection: Connection; modelId: number } {
    if (this.#disposed) throw new BackendError(`${method}: this model is disposed. Load it again.`);
    return { connection: this.#connection, modelId: this.#facts.modelId };
  }
}

/** A model that was fine-tuned, in the worker. */
export interface TunedModel<Name extends string = string> extends SameAsTunedModel {
  /** Like `TunedModel.addClass` of `alexnet-ts`. */
  addClass<const Class extends string>(
    label: Class,
    pictures: Images,
    options?: AddClassOptions,
  ): Promise<TunedModel<Name | Class>>;
  /** Like `TunedModel.removeClass` of `alexnet-ts`. */
  removeClass<const Class extends Name>(label: Class): Promise<TunedModel<Exclude<Name, Class>>>;
}

export class TunedModel<Name extends string = string> extends Model<Name> {}

/* eslint-enable @typescript-eslint/no-unsafe-declaration-merging */

/** Adds methods that call the methods of the same names in the worker. */
function defineMethods(
  prototype: Model,
  methods: Readonly<Record<string, readonly ArgumentKind[]>>,
): void {
  for (const [method, kinds] of Object.entries(methods)) {
    const value = function (this: Model, ...args: unknown[]) {
      return invoke(this, method, kinds, args);
    };
    Object.defineProperty(prototype, method, { value, configurable: true, writable: true });
  }
}
defineMethods(Model.prototype, MODEL_METHODS);
defineMethods(TunedModel.prototype, TUNED_METHODS);

async function invoke(
  model: Model,
  method: string,
  kinds: readonly ArgumentKind[],
  args: readonly unknown[],
): Promise<unknown> {
  const { connection, modelId } = model.location(method);
  const options = args[kinds.length] as { signal?: AbortSignal } | undefined;
  const result = await connection.call(method, options, async (worker, call) => {
    const serialized = await serializeArguments(kinds, args, options?.signal);
    options?.signal?.throwIfAborted();
    return worker.invoke(call, modelId, method, transferred(serialized));
  });
  if (isFacts(result)) return createModel(connection, result);
  if (hasArtifacts(result)) return handOver(result, args[0]);
  return hasText(result) ? withText(result) : result;
}

/** Passes what the worker saved to the page's IO handler. */
async function handOver({ result, artifacts }: WithArtifacts, handler: unknown): Promise<unknown> {
  try {
    if (canSave(handler)) await handler.save(artifacts);
  } catch (error) {
    throw new WeightsError('the IO handler', [`cannot be saved to (${reasonOf(error)}).`], {
      cause: error,
    });
  }
  return result;
}

const hasArtifacts = (result: unknown): result is WithArtifacts =>
  typeof result === 'object' && result !== null && 'artifacts' in result;
const isFacts = (result: unknown): result is RemoteModelFacts =>
  typeof result === 'object' && result !== null && 'modelId' in result;
const hasText = (result: unknown): result is WithText<object> =>
  typeof result === 'object' && result !== null && 'text' in result;
const withText = <T>({ text, ...rest }: WithText<T>): T => ({ ...rest, toString: () => text }) as T;

/** Creates the page's object for a model in the worker. */
export const createModel = <Name extends string>(
  connection: Connection,
  facts: RemoteModelFacts,
): Model<Name> => new (facts.tuned ? TunedModel : Model)<Name>(connection, facts);

/** Returns the id of a model for a call of `connection`. */
export function modelIdIn(connection: Connection, model: Model, method: string): number {
  const { connection: its, modelId } = model.location(method);
  if (its !== connection) {
    throw new OptionsError(
      `${method}: models must be in the worker that runs now, got one of a worker that has ended. Load it again.`,
    );
  }
  return modelId;
}
