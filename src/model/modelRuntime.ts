/**
 * ModelRuntime: a model's network on a backend. Moves it to another one after a lost WebGL context.
 */
import { ContextLost, isLost } from '../backends/contextLoss';
import type { NetworkOnBackend } from '../engines/engine';
import { BackendError } from '../errors';
import { release, share } from '../platform/sharedTensors';
import type { ReloadWeights } from '../weights/read/read';
import type { BackendChange, ModelInternals, ModelParts } from './modelParts';
import type { PendingWeights } from './pendingWeights';

export class ModelRuntime {
  network: NetworkOnBackend;
  /** Reloads the weights from memory. Undefined on WASM and CPU, where weights cannot be lost. */
  reload: ReloadWeights | undefined;
  /** Weights that are still being downloaded. */
  pending: PendingWeights | undefined;
  readonly #onMove: (change: BackendChange) => void;
  #disposed = false;
  /** The number of times that the context was lost. */
  #losses = 0;
  #recovering: Promise<void> | undefined;

  /** `onMove` is called after each move to another backend. */
  constructor(
    { net, tensors, engine, backend, reload, pending }: ModelParts,
    onMove: (change: BackendChange) => void,
  ) {
    this.network = { net, tensors, engine, backend, tfBackend: backend.tfBackend };
    this.reload = reload;
    this.pending = pending;
    this.#onMove = onMove;
    pending?.onArrival((rest, reloadAll) => {
      Object.assign(this.network.tensors, rest);
      this.reload = reloadAll;
      this.pending = undefined;
    });
  }

  /** @throws BackendError once the model is disposed. */
  checkNotDisposed(method: string): void {
    if (this.#disposed) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  }

  /** @throws BackendError once the model is disposed, or before all weights have loaded. */
  checkLoaded(method: string): void {
    this.checkNotDisposed(method);
    if (this.pending)
      throw new BackendError(
        `${method}: all weights of this model must have loaded. Await model.ready first.`,
      );
  }

  /**
   * Returns the tensors, each with one more owner, and a function with which that owner moves this
   * model to another backend.
   */
  hold(): Pick<ModelInternals, 'tensors' | 'onMove'> {
    const { tensors } = this.network;
    Object.values(tensors).forEach(share);
    return { tensors: { ...tensors }, onMove: (to, reason) => this.moveTo(to, reason) };
  }

  /**
   * Runs `work`, and runs it again on the recovered network after a lost context. The loop ends,
   * because a model returns to WebGL at most twice and WASM cannot be lost.
   */
  async retryOnContextLoss<T>(
    method: string,
    work: (network: NetworkOnBackend) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      this.checkNotDisposed(method);
      try {
        return await work(this.network);
      } catch (error) {
        if (!(error instanceof ContextLost) || this.#disposed) throw error;
        await this.pending?.ready; // only complete models move
        if (!this.reload) throw error;
      }
      await (this.#recovering ??= this.#recover(this.reload).finally(
        () => (this.#recovering = undefined),
      ));
    }
  }

  /** Moves to a new context or to WASM, unless another call has already done so. */
  async #recover(reload: ReloadWeights): Promise<void> {
    const isGone = () => !this.#disposed && isLost(this.network.tfBackend);
    if (!isGone()) return;
    const { CONTEXT_LOST, recoverNetwork } = await import('./recover');
    const recovered = await recoverNetwork({ ...this.network, reload }, ++this.#losses);
    if (isGone()) this.moveTo(recovered, CONTEXT_LOST);
    Object.values(recovered.tensors).forEach(release);
  }

  /** Switches to the same network on another backend, and becomes one more owner of its tensors. */
  moveTo(network: NetworkOnBackend, reason: string): void {
    if (this.#disposed) return;
    const { backend: from, tensors } = this.network;
    Object.values(tensors).forEach(release);
    Object.values(network.tensors).forEach(share);
    this.network = { ...network, tensors: { ...network.tensors } };
    const to = network.backend.name;
    if (from.name !== to) this.#onMove({ from: from.name, to, reason });
  }

  /** Opens the backend of TensorFlow.js if our engine has computed without it. */
  async openTfjs(what: string): Promise<void> {
    const { openTfjs } = await import('../engines/tfjs/openTfjs');
    const backend = await openTfjs(this.network.backend, what);
    this.network = { ...this.network, backend, tfBackend: backend.tfBackend };
  }

  /**
   * Switches to TensorFlow.js' operations, because the tensors are about to be trained in place.
   * Call `openTfjs` first.
   */
  async useTfjs(): Promise<void> {
    const { TfjsEngine } = await import('../engines/tfjs/tfjsEngine');
    this.network = {
      ...this.network,
      engine: new TfjsEngine({ ...this.network.backend, ...this.network }),
    };
  }

  /** Frees the tensors, except those that another model shares. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pending?.cancel();
    Object.values(this.network.tensors).forEach(release);
  }
}
