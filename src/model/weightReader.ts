/** WeightReader: reads a set's weights onto a backend, which opens while the shards arrive. */
import type { NetworkOnBackend } from '../engines/engine';
import { NetworkLoader } from '../engines/networkLoader';
import type { Sequential } from '../layers/sequential';
import { noCache, shardCache } from '../weights/read/cache';
import type { CheckedManifest } from '../weights/format/manifest';
import { needsBase, readTensors, type ReadOptions, type ReloadWeights } from '../weights/read/read';
import type { WeightSource } from '../weights/read/source';
import type { LoadOptions } from './load';
import { Model } from './model';

interface WeightReaderParts {
  source: WeightSource;
  manifest: CheckedManifest;
  options: LoadOptions;
}

export class WeightReader {
  readonly manifest: CheckedManifest;
  readonly #source: WeightSource;
  readonly #options: LoadOptions;
  /** The model to share weights with, if the set needs a base and `base` is a model. */
  readonly #base: Model | undefined;
  readonly #opened: Promise<NetworkLoader>;
  #loader: NetworkLoader | undefined;

  constructor({ source, manifest, options }: WeightReaderParts) {
    this.#source = source;
    this.manifest = manifest;
    this.#options = options;
    this.#base = manifest.base && options.base instanceof Model ? options.base : undefined;
    this.#opened = this.#open();
    this.#opened.catch(() => {}); // reported by `read`
  }

  /** Opens the backend, or uses that of the base model. */
  async #open(): Promise<NetworkLoader> {
    const { net, weightsManifest: stored } = this.manifest;
    const { backend = 'auto', threads, signal, wasmPaths, precision } = this.#options;
    this.#loader = this.#base
      ? NetworkLoader.onTensors(net, this.#base.internals('load').backend)
      : await NetworkLoader.open(net, { backend, threads, wasmPaths, precision, stored, signal });
    return this.#loader;
  }

  /** The weights on the backend that the reader still owns. */
  get tensors(): NetworkLoader['tensors'] {
    return this.#loader?.tensors ?? {};
  }

  /**
   * Reads all weights. `first` names the shards to fetch before the others; `onWeight` is called
   * after each parameter. On WebGL, where weights can be lost, returns a function that reloads
   * them.
   */
  async read({
    onWeight = () => {},
    ...options
  }: Pick<ReadOptions, 'signal' | 'first'> & { onWeight?: (param: string) => void }): Promise<
    ReloadWeights | undefined
  > {
    const { onProgress, retries, cache = 'auto', base } = this.#options;
    const opened = this.#opened.then((loader) => loader.backend.name === 'webgl');
    opened.catch(() => {}); // reported below, unless something else fails first
    const reading: ReadOptions = {
      ...{ onProgress, retries, opened, ...options },
      cache: cache === 'auto' ? shardCache() : noCache(),
      sinkFor: (entry) => this.#loader!.sinkFor(entry),
    };
    const put: Parameters<ReloadWeights>[0] = (param, shape, stored) => {
      this.#loader!.put(param, shape, stored);
      onWeight(param);
    };
    const { manifest } = this;
    if (!needsBase(manifest)) return readTensors(this.#source, manifest, reading, put);
    const { readSharing, readWithBase } = await import('../weights/read/base');
    const set = { source: this.#source, manifest };
    if (!(base instanceof Model)) return readWithBase(set, base, reading, put);
    const baseModel = () => base.internals('load'); // throws if it was disposed meanwhile
    const { shared, reload } = await readSharing(set, baseModel, reading, put);
    this.#loader!.share(shared, baseModel());
    return reload;
  }

  /** See NetworkLoader. */
  async finish(layers?: Sequential): Promise<NetworkOnBackend> {
    return (await this.#opened).finish(layers);
  }

  /** Makes the caller the owner of the tensors loaded so far. */
  handOver(): void {
    this.#loader?.handOver();
  }

  /** Frees the tensors that the reader still owns. */
  dispose(): void {
    this.#loader?.dispose();
  }
}
