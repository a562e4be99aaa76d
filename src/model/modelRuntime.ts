/** Place: where a model's tensors are, and where they go when the browser takes the GPU away from under them. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import type { Sequential } from '../layers/sequential';
import type { BackendChange, ModelParts, Rest } from './modelParts';
import type { Engine, LoadedNetwork } from '../engines/engine';
import { TfjsEngine } from '../engines/tfjs/tfjsEngine';
import { release, share } from '../platform/sharedTensors';
import type { ChosenBackend } from '../backends/chooseBackend';
import { ContextLost, isLost } from '../backends/contextLoss';
import type { ReloadWeights } from '../weights/read/read';

export class Place {
  /** By name, with the layers' constants among them. */
  tensors: Record<string, Tensor>;
  backend: ChosenBackend;
  /** What computes it. */
  engine: Engine;
  /** The parameters from memory; undefined where they are not kept, and off WebGL. */
  again: ReloadWeights | undefined;
  /** What of it is still to come. */
  rest: Rest | undefined;
  readonly #net: Sequential;
  readonly #told: (change: BackendChange) => void;
  #disposed = false;
  #losses = 0;
  #recovering: Promise<void> | undefined;

  /** `told` hears of each move to another backend. */
  constructor(
    net: Sequential,
    { backend, tensors, engine, again, rest }: ModelParts,
    told: (change: BackendChange) => void,
  ) {
    this.#net = net;
    this.backend = backend;
    this.tensors = tensors;
    this.engine = engine;
    this.again = again;
    this.rest = rest;
    this.#told = told;
    if (!rest) return;
    rest.onArrival = (late, fromThenOn) => {
      Object.assign(this.tensors, late);
      this.again = fromThenOn;
      this.rest = undefined;
    };
  }

  get network(): LoadedNetwork {
    const { tensors, backend, engine } = this;
    return { net: this.#net, tensors, tfBackend: backend.tfBackend, engine };
  }

  /** Computes with TensorFlow.js' operations on the tensors from now on: their values are about to be trained. */
  useTfjs(): void {
    const { tensors, backend } = this;
    this.engine = new TfjsEngine({ ...backend, net: this.#net, tensors });
  }

  /** Throws once the model is disposed. */
  alive(method: string): void {
    if (this.#disposed) throw new BackendError(`${method}: this model is disposed. Load it again.`);
  }

  /**
   * Runs work on the tensors; once more on those that take their place, when the browser took the GPU away meanwhile. It ends: a model
   * goes back to WebGL twice at most, and nobody takes WASM away.
   */
  async steady<T>(method: string, work: (network: LoadedNetwork) => Promise<T>): Promise<T> {
    for (;;) {
      this.alive(method);
      try {
        return await work(this.network);
      } catch (error) {
        if (!(error instanceof ContextLost) || this.#disposed) throw error;
        await this.rest?.ready; // only whole models move
        if (!this.again) throw error;
      }
      await (this.#recovering ??= this.#recover(this.again).finally(
        () => (this.#recovering = undefined),
      ));
    }
  }

  /** To a new context or to WASM, unless somebody has seen to it. */
  async #recover(again: ReloadWeights): Promise<void> {
    const gone = () => !this.#disposed && isLost(this.backend.tfBackend);
    if (!gone()) return;
    const { REASON, renew } = await import('./recover');
    const renewed = await renew({ net: this.#net, backend: this.backend, again }, ++this.#losses);
    if (gone()) this.move(renewed, REASON);
    Object.values(renewed.tensors).forEach(release);
  }

  /** To where the weights are by now, with tensors that others hold too. */
  move(
    { backend, tensors, engine }: Pick<Place, 'backend' | 'tensors' | 'engine'>,
    reason: string,
  ): void {
    if (this.#disposed) return;
    const from = this.backend.name;
    Object.values(this.tensors).forEach(release);
    Object.values(tensors).forEach(share);
    this.tensors = { ...tensors };
    this.backend = backend;
    this.engine = engine;
    if (from !== backend.name) this.#told({ from, to: backend.name, reason });
  }

  /** Frees the tensors; those that another model shares stay. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.rest?.stop();
    Object.values(this.tensors).forEach(release);
  }
}
