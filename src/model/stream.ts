/** streamed: a model that answers from its first layers while the weights of the others are still under way. */
import type { ChosenBackend } from '../backends/chooseBackend';
import { isLost } from '../backends/contextLoss';
import type { Engine } from '../engines/engine';
import type { NetworkLoader } from '../engines/networkLoader';
import { BackendError } from '../errors';
import { sequential, type Sequential } from '../layers/sequential';
import type { Model } from './model';
import type { ModelParts, Rest } from './modelParts';
import { release } from '../platform/sharedTensors';
import { start, withoutTexturePool, type CreateModel } from './start';
import { inflatedBytes, storedBytes, type CheckedManifest } from '../weights/format/manifest';
import type { OnTensor, ReadOptions, ReloadWeights } from '../weights/read/read';

interface StreamOptions extends Pick<ReadOptions, 'signal' | 'onProgress'> {
  /** Hands over all parameters, and answers what does so again. */
  read(
    options: Pick<ReadOptions, 'signal' | 'first'>,
    onTensor: OnTensor,
  ): Promise<ReloadWeights | undefined>;
  /** Makes a parameter's tensor one of the parts. */
  put: OnTensor;
  /** Has threads start, once there are some. */
  startThreads: NetworkLoader['startThreads'];
  /** The engine, with the constants of the layers of a network: by default of all. */
  engineOf(begun?: Sequential): Engine;
  createModel: CreateModel;
}

/**
 * Gives the model once the layers before the first fully connected one can be computed; where there are none such, once all can. When it
 * fails, the tensors of `parts` are the caller's.
 */
export async function streamed(
  parts: Omit<ModelParts, 'backend' | 'engine'>,
  { read, put, startThreads, engineOf, createModel, onProgress, signal }: StreamOptions,
): Promise<Model> {
  const { net, tensors } = parts;
  let engine: Engine | undefined;
  let backend: ChosenBackend;
  const begun = beginning(net);
  const wanted = Object.keys(begun?.params() ?? {});
  const own = new AbortController();
  const follow = () => own.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow);
  const leave = () => signal?.removeEventListener('abort', follow);

  let enough = () => {};
  const there = new Promise<void>((resolve) => (enough = resolve));
  const reading = read(
    { signal: own.signal, first: (manifest) => shardsWith(wanted, manifest) },
    (...tensor) => {
      put(...tensor);
      if (begun && wanted.every((param) => param in tensors)) enough();
    },
  );
  const whole = async () => {
    const again = await reading;
    engine ??= engineOf();
    const model = await start(
      { ...parts, backend, engine, again },
      { onProgress, signal: own.signal },
      createModel,
    );
    leave();
    return model;
  };
  try {
    await Promise.race([there, reading]);
    backend = await startThreads();
    if (!begun) return await whole();
    const early = new Set<string>();
    const rest = new Arriving(begun.names, () =>
      own.abort(new BackendError('ready: this model is disposed. Load it again.')),
    );
    const createEarly: CreateModel = (made) => {
      for (const name of Object.keys(tensors)) early.add(name); // those are the model's
      return createModel({ ...made, rest });
    };
    let model: Model;
    try {
      engine = engineOf(begun);
      model = await start(
        { ...parts, backend, engine },
        { signal: own.signal, upTo: begun.names.at(-1)! },
        createEarly,
      );
    } catch (error) {
      if (!isLost(backend.tfBackend)) throw error;
      return await whole(); // which goes elsewhere with all that it has
    }
    rest.expect(async () => {
      const late = () =>
        Object.fromEntries(Object.entries(tensors).filter(([name]) => !early.has(name)));
      try {
        const again = await reading;
        await warmUpRest({ net, engine: engine!, backend }, begun.names.at(-1)!, {
          onProgress,
          signal: own.signal,
        });
        own.signal.throwIfAborted();
        rest.onArrival(late(), again);
      } catch (error) {
        Object.values(late()).forEach(release);
        throw error;
      } finally {
        leave();
      }
    });
    return model;
  } catch (error) {
    own.abort(error);
    await reading.catch(() => {}); // nothing comes after this
    leave();
    throw error;
  }
}

/** The layers before the first fully connected one, if any of them learns something. */
function beginning({ names, layers, inputShape }: Sequential): Sequential | undefined {
  const end = names.findIndex((name) => layers[name]!.type === 'dense');
  if (end < 1) return undefined;
  const net = sequential(
    Object.fromEntries(names.slice(0, end).map((name) => [name, layers[name]!])),
    { inputShape: inputShape! },
  );
  return Object.keys(net.params()).length > 0 ? net : undefined;
}

/** The shards that hold bytes of these parameters, or of their scales. */
function shardsWith(
  params: readonly string[],
  { weightsManifest, shards }: CheckedManifest,
): number[] {
  const entries = weightsManifest.flatMap(({ weights }) => weights);
  const scales = entries
    .filter(({ name }) => params.includes(name))
    .map(({ quantization }) => quantization?.channelScale);
  let end = 0;
  const pieces = entries.map((entry) => ({
    name: entry.name,
    from: end,
    to: (end += storedBytes(entry)),
  }));
  const wanted = pieces.filter(({ name }) => params.includes(name) || scales.includes(name));
  let begin = 0;
  return shards.flatMap((shard, i) => {
    const from = begin;
    begin += inflatedBytes(shard);
    return wanted.some((piece) => piece.from < begin && piece.to > from) ? [i] : [];
  });
}

/** Runs the layers behind one once, unless the browser took the GPU away: then the next call goes elsewhere. */
async function warmUpRest(
  { net, engine, backend }: Pick<ModelParts, 'net' | 'engine' | 'backend'>,
  after: string,
  { onProgress, signal }: Pick<ReadOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  const total = net.names.length;
  const { tfBackend } = backend;
  const onLayers = (loaded: number) => onProgress?.({ phase: 'warm-up', loaded, total });
  try {
    await withoutTexturePool(backend, () => engine.warmUp({ after, onLayers, signal }));
  } catch (error) {
    signal?.throwIfAborted();
    if (!isLost(tfBackend)) throw error;
  }
}

class Arriving implements Rest {
  ready = Promise.resolve();
  onArrival: Rest['onArrival'] = () => {};

  constructor(
    private readonly layers: readonly string[],
    readonly stop: () => void,
  ) {}

  expect(arrival: () => Promise<void>): void {
    this.ready = arrival();
    this.ready.catch(() => {}); // told to whoever asks for it
  }

  late(alive: () => void, layer?: string, signal?: AbortSignal): Promise<void> | undefined {
    if (layer !== undefined && this.layers.includes(layer)) return undefined;
    const waiting = this.#wait(alive, signal);
    waiting.catch(() => {}); // a call that is refused does not wait for it
    return waiting;
  }

  async #wait(alive: () => void, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal!.reason as Error);
      signal?.addEventListener('abort', stop);
    });
    try {
      await Promise.race([this.ready, stopped]);
    } catch (error) {
      alive();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}
