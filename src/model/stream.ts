/** Streaming: a model whose first layers work while the weights of the others are downloaded. */
import { isLost } from '../backends/contextLoss';
import type { NetworkOnBackend } from '../engines/engine';
import { TfjsEngine } from '../engines/tfjs/tfjsEngine';
import { BackendError } from '../errors';
import { sequential, type Sequential } from '../layers/sequential';
import { inflatedBytes, storedBytes, type CheckedManifest } from '../weights/format/manifest';
import type { ReloadWeights } from '../weights/read/read';
import type { Model } from './model';
import type { ModelFacts } from './modelParts';
import { PendingWeights } from './pendingWeights';
import { startModel, withoutTexturePool, type CreateModel, type StartOptions } from './warmUp';
import type { WeightReader } from './weightReader';

/**
 * Resolves with the model as soon as the layers before the first fully connected one can be
 * computed, or if there are none, when all can. If it rejects, the caller must free the reader's
 * tensors.
 */
export async function streamModel(
  reader: WeightReader,
  facts: ModelFacts,
  createModel: CreateModel,
  { onProgress, signal }: StartOptions,
): Promise<Model> {
  const first = layersBeforeDense(facts.net);
  const download = new Download(reader, Object.keys(first?.params() ?? {}), signal);
  const options = { onProgress, signal: download.signal };
  try {
    await download.firstWeights;
    let network: NetworkOnBackend | undefined;
    if (first) {
      network = await reader.finish(first);
      const pending = new PendingWeights(first.names, () => download.cancel());
      const upTo = first.names.at(-1)!;
      const parts = { ...facts, ...network, pending };
      const model = await startModel(parts, createModel, { signal: download.signal, upTo }).catch(
        (error: unknown) => {
          if (!isLost(network!.tfBackend)) throw error;
        },
      );
      if (model) {
        reader.handOver();
        pending.expect(deliverRest(download, pending, { network, after: upTo, options }));
        return model;
      }
    }
    // Nothing to stream, or the GPU was lost meanwhile: the complete model finds another backend.
    const reload = await download.allWeights;
    network ??= await reader.finish();
    const model = await startModel({ ...facts, ...network, reload }, createModel, options);
    download.end();
    return model;
  } catch (error) {
    await download.fail(error);
    throw error;
  }
}

/**
 * Reads all weights. Stopped by the caller's signal, by an error, or when the model is disposed.
 */
class Download {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);
  readonly allWeights: Promise<ReloadWeights | undefined>;
  /** Settles when the weights of the first layers have loaded, or all weights. */
  readonly firstWeights: Promise<unknown>;

  constructor(
    readonly reader: WeightReader,
    firstParams: readonly string[],
    signal: AbortSignal | undefined,
  ) {
    this.#outer = signal;
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener('abort', this.#onAbort);
    const missing = new Set(firstParams);
    let arrived = () => {};
    const first = new Promise<void>((resolve) => (arrived = resolve));
    this.allWeights = reader.read({
      signal: this.signal,
      first: (manifest) => shardsWith(firstParams, manifest),
      onWeight: (param) => {
        if (missing.delete(param) && missing.size === 0) arrived();
      },
    });
    this.firstWeights = Promise.race([first, this.allWeights]);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(): void {
    this.#controller.abort(new BackendError('ready: this model is disposed. Load it again.'));
  }

  /** Stops reading, and resolves when no more weights can arrive. */
  async fail(error: unknown): Promise<void> {
    this.#controller.abort(error);
    await this.allWeights.catch(() => {});
    this.end();
  }

  end(): void {
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}

interface RestOptions {
  /** The network as returned when the first layers had loaded. */
  network: NetworkOnBackend;
  /** The last of the first layers. */
  after: string;
  options: StartOptions;
}

/**
 * Waits for the other layers' weights, warms these layers up, and passes their tensors to the
 * model.
 */
async function deliverRest(
  download: Download,
  pending: PendingWeights,
  { network, after, options }: RestOptions,
): Promise<void> {
  const { reader, signal } = download;
  try {
    const reload = await download.allWeights;
    const tensors = { ...network.tensors, ...reader.tensors };
    await warmUpRest({ ...network, tensors }, after, options);
    signal.throwIfAborted();
    pending.deliver(reader.tensors, reload);
  } catch (error) {
    reader.dispose();
    throw error;
  } finally {
    download.end();
  }
}

/** Runs the layers after `after` once. A lost GPU is not an error here: the next call recovers. */
async function warmUpRest(
  { net, tensors, engine, backend }: NetworkOnBackend,
  after: string,
  { onProgress, signal }: StartOptions,
): Promise<void> {
  const complete =
    engine instanceof TfjsEngine ? new TfjsEngine({ ...backend, net, tensors }) : engine;
  const onLayers = (loaded: number) =>
    onProgress?.({ phase: 'warm-up', loaded, total: net.names.length });
  try {
    await withoutTexturePool(backend, () => complete.warmUp({ after, onLayers, signal }));
  } catch (error) {
    signal?.throwIfAborted();
    if (!isLost(backend.tfBackend)) throw error;
  }
}

/**
 * Returns the layers before the first fully connected one; undefined if none of them has weights.
 */
function layersBeforeDense({ names, layers, inputShape }: Sequential): Sequential | undefined {
  const end = names.findIndex((name) => layers[name]!.type === 'dense');
  if (end < 1) return undefined;
  const net = sequential(
    Object.fromEntries(names.slice(0, end).map((name) => [name, layers[name]!])),
    { inputShape: inputShape! },
  );
  return Object.keys(net.params()).length > 0 ? net : undefined;
}

/** Returns the indices of the shards that hold bytes of these parameters, or of their scales. */
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
