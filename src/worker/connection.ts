/**
 * Connection: the connection to the page's worker. The first call starts the worker, which ends
 * with its last model.
 */
import { proxy, wrap, type Remote } from 'comlink';
import { BackendError, reasonOf } from '../errors';
import { inDevServerCache } from '../platform/devServer';
import { SIGNAL, checkObject, checkOption } from '../platform/checkOptions';
import type { BackendChange } from '../model/modelParts';
import { user } from '../weights/save/browserDownload';
import type {
  Call,
  RemoteModelFacts,
  PageService,
  Serialized,
  SerializedOptions,
  WorkerMessage,
  WorkerService,
} from './protocol';
import { serializeWeights } from './serializeArguments';
import { startThread } from './startThread';
import { asCallError, deserializeError, sendErrorsAsData } from '../platform/serializeErrors';

/** The work of a call in the worker. */
type Work<T> = (worker: Remote<WorkerService>, call: Call) => Promise<T>;

const NOT_STARTED = 'the worker could not be started';
const ADVICE =
  "Is workerThread.js served from the same folder as worker.js and from the page's origin, and does the Content-Security-Policy allow it (worker-src 'self')?";

let current: Connection | undefined;
let calls = 0;

/** Returns the page's one worker. Rejects with a BackendError if workers are not available. */
export async function connection(): Promise<Connection> {
  const folder = inDevServerCache
    ? await (await import('../platform/packageFolder')).packageFolder()
    : undefined;
  return (current ??= new Connection(folder));
}

const page: PageService = {
  async rasterizeSvg(svg) {
    const { decodeSvg } = await import('../preprocessing/decode');
    return decodeSvg(await svg.text());
  },
  download: (name, file) => void user.give(name, file),
  async defaultSet() {
    const { defaultSet } = await import('../weights/read/defaultSet');
    return serializeWeights(await defaultSet(), 'weights');
  },
};

/** Returns the error that the worker sent as data, or any other value unchanged. */
function restoreError(value: unknown): unknown {
  const sent = value as Extract<Serialized, { alexnet: 'failure' }> | null | undefined;
  return sent?.alexnet === 'failure' ? deserializeError(sent.error) : value;
}

/** Separates callbacks from the options that are sent. */
function serializeOptions(options: unknown): SerializedOptions {
  const entries = Object.entries(options ?? {}).filter(([key]) => key !== 'signal');
  return {
    values: Object.fromEntries(entries.filter(([, value]) => typeof value !== 'function')),
    callbacks: Object.fromEntries(
      entries.flatMap(([key, value]) => (typeof value === 'function' ? [[key, value.name]] : [])),
    ),
  };
}

export class Connection {
  readonly #worker: Worker;
  readonly #service: Remote<WorkerService>;
  readonly #ready: Promise<unknown>;
  readonly #watching = new AbortController();
  /** By call. */
  readonly #callbacks = new Map<number, (callback: string, value: unknown) => void>();
  /** By model, the function to call when its backend changes. */
  readonly #models = new Map<number, (change: BackendChange) => void>();
  /** The method name of each call in progress, by the function that rejects the call. */
  readonly #pending = new Map<(error: BackendError) => void, string>();
  #endReason: string | undefined;
  /** The number of calls in progress and models, which keep the worker alive. */
  #users = 0;

  /** @param folder the package's folder, if a dev server serves this script from a cache */
  constructor(folder?: string) {
    if (typeof Worker === 'undefined') {
      throw new BackendError(
        "load: there is no web worker here (typeof Worker is 'undefined'). In Node, import load from 'alexnet-ts'; in a page rendered on a server, call it in the browser.",
      );
    }
    sendErrorsAsData();
    try {
      this.#worker = startThread(folder);
    } catch (error) {
      throw new BackendError(`load: ${NOT_STARTED} (${reasonOf(error)}). ${ADVICE}`, {
        cause: error,
      });
    }
    let started = false;
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (started) this.#crash(`it failed: ${event.message}`);
      else this.#crash(`${NOT_STARTED}${event.message ? ` (${event.message})` : ''}. ${ADVICE}`);
    });
    this.#worker.addEventListener('messageerror', () =>
      this.#crash('a message to the page could not be read'),
    );
    this.#worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) =>
      this.#onMessage(data),
    );
    this.#service = wrap<WorkerService>(this.#worker);
    const lock = `alexnet-ts worker ${Math.random()}`;
    this.#ready = this.#service.connect(proxy(page) as unknown as PageService, lock).then(() => {
      started = true;
      this.#watch(lock);
    });
  }

  /**
   * The worker holds a lock as long as it runs. Once the page gets the lock, the worker has ended.
   */
  #watch(lock: string): void {
    if (!navigator.locks) return;
    const { signal } = this.#watching;
    navigator.locks
      .request(lock, { signal }, () => this.#crash('it was terminated'))
      .catch(() => {}); // aborted by #end
  }

  #onMessage(message: WorkerMessage): void {
    if ('callback' in message)
      this.#callbacks.get(message.callId)?.(message.callback, restoreError(message.value));
    else if ('movedModel' in message) this.#models.get(message.movedModel)?.(message.change);
  }

  /** Rejects all calls. The next load() starts a new worker. */
  #crash(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#end(reason);
    for (const [reject, method] of this.#pending) reject(this.#endedError(method));
  }

  #end(reason: string): void {
    this.#endReason = reason;
    this.#watching.abort();
    this.#worker.terminate();
    if (current === this) current = undefined;
  }

  #endedError(method: string): BackendError {
    const reason = this.#endReason!;
    if (reason.startsWith(NOT_STARTED)) return new BackendError(`load: ${reason}`);
    return new BackendError(
      `${method}: the worker has ended, and the models in it are lost (${reason}). Load the model again, which starts another.`,
    );
  }

  get #ended(): boolean {
    return this.#endReason !== undefined;
  }

  /** Calls `onMove` when the model's backend changes. */
  register(modelId: number, onMove: (change: BackendChange) => void): void {
    this.#models.set(modelId, onMove);
  }

  /** Disposes a model. Ends the worker if this was the last and no call is in progress. */
  release(modelId: number): void {
    this.#models.delete(modelId);
    this.post((worker) => worker.dispose(modelId));
    this.#removeUser();
  }

  #removeUser(): void {
    if (--this.#users === 0 && !this.#ended) this.#end('its last model was disposed');
  }

  /**
   * Sends a message without waiting for a response. Messages and calls arrive in order.
   *
   * @param onError called if the message cannot be sent, or fails in the worker
   */
  post(
    message: (worker: Remote<WorkerService>) => Promise<unknown>,
    onError: (error: unknown) => void = () => {},
  ): void {
    this.#ready.then(() => this.#ended || message(this.#service).catch(onError)).catch(() => {}); // its call reports errors
  }

  /**
   * Runs `work` in the worker. Rejects with the worker's error, the signal's reason, an error
   * thrown by a callback, or a BackendError if the worker ends first.
   *
   * @param best the implementation of `best()` of a TrainingError
   */
  async call<T>(method: string, options: unknown, work: Work<T>, best?: () => unknown): Promise<T> {
    if (this.#ended) throw this.#endedError(method);
    if (options !== undefined) checkObject(method, options);
    const { signal } = (options ?? {}) as { signal?: AbortSignal };
    checkOption(method, 'signal', signal, SIGNAL);
    signal?.throwIfAborted();
    const id = ++calls;
    const abort = () => this.post((worker) => worker.abort(id));
    const failures: unknown[] = [];
    this.#callbacks.set(id, (callback, value) => {
      if (failures.length > 0) return;
      try {
        (options as Record<string, (value: unknown) => void>)[callback]!(value);
      } catch (error) {
        failures.push(error);
        abort();
      }
    });
    signal?.addEventListener('abort', abort);
    const throwIfStopped = () => {
      if (failures.length > 0) throw failures[0];
      signal?.throwIfAborted();
    };
    this.#users++;
    let end!: (error: BackendError) => void;
    try {
      const ended = new Promise<never>((_, reject) => this.#pending.set((end = reject), method));
      const result = await Promise.race([
        this.#ready.then(() => work(this.#service, { id, options: serializeOptions(options) })),
        ended,
      ]);
      const { modelId } = (result ?? {}) as Partial<RemoteModelFacts>;
      if (modelId !== undefined) {
        if (signal?.aborted || failures.length > 0) this.post((worker) => worker.dispose(modelId));
        else this.#users++;
      }
      throwIfStopped();
      return result;
    } catch (error) {
      throwIfStopped();
      throw asCallError(error, method, best);
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(end);
      this.#callbacks.delete(id);
      this.#removeUser();
    }
  }
}
