/** The public API of `alexnet-ts/worker`: that of `alexnet-ts`, off the main thread. The models live in one worker of the page. @module alexnet-ts/worker */
import { OptionsError, describe } from '../errors';
import type { Sequential } from '../layers/sequential';
import type { BackendOptions } from '../backends/backends';
import type { CreateOptions, LoadOptions } from '../model/load';
import { isKind } from '../preprocessing/imageInput';
import type { Dataset } from '../training/dataset/dataset';
import { listFiles, zipFile, type FilesInput } from '../training/dataset/pickedFiles';
import type { FilesOptions } from '../training/dataset/checkImages';
import type { WeightSet } from '../weights/read/source';
import { connection } from './connection';
import { modelIn, remoteModel, RemoteModel } from './remoteModel';
import type { ModelFacts, Sent } from './protocol';
import { absolute, sentFile, sentWeights, thing } from './serializeImages';

export type { BackendName } from '../backends/backends';
export {
  AlexNetError,
  BackendError,
  ImageError,
  OptionsError,
  ShapeError,
  TrainingError,
  WeightsError,
} from '../errors';
export { knn, type Knn, type KnnJSON, type KnnOptions } from '../prediction/knn';
export { remove, saved, type SavedModel } from '../weights/save/browserModels';
export { ensemble, type RemoteEnsemble } from './remoteEnsemble';
export { RemoteTunedModel } from './remoteModel';
export type { RemoteNetwork } from './remoteNetwork';
export type { RemoteRun } from './remoteRun';
export { RemoteModel };

/** As `load` of `alexnet-ts` takes them, but for IO handlers and `stream`, and with a base in the worker. */
export interface RemoteLoadOptions extends Omit<LoadOptions, 'weights' | 'base' | 'stream'> {
  /** As `LoadOptions.weights`, without IO handlers, whose functions cannot be called from the worker. @default the shipped set */
  weights?: RemoteWeightsInput | undefined;
  /** As `LoadOptions.base`: a set, or a model in the worker. @default the shipped set */
  base?: RemoteWeightsInput | RemoteModel | undefined;
}

/** Anything `load({ weights })` takes here. */
export type RemoteWeightsInput =
  string | URL | readonly (string | URL)[] | readonly File[] | FileList | Blob | WeightSet;

/** Addresses are relative to the page, also where the worker uses them. */
function withAddresses<Options extends BackendOptions>(
  method: string,
  { wasmPaths, ...options }: Options,
) {
  if (wasmPaths === undefined) return options;
  if (typeof wasmPaths === 'string') return { ...options, wasmPaths: absolute(wasmPaths) };
  if (!wasmPaths) {
    throw new OptionsError(
      `${method}: wasmPaths is an address or one for each file, got ${describe(wasmPaths)}: nobody calls setWasmPaths in the worker. Give it, or leave it out.`,
    );
  }
  return {
    ...options,
    wasmPaths: Object.fromEntries(
      Object.entries(wasmPaths).map(([file, address]) => [file, absolute(address)]),
    ),
  };
}

/**
 * As `load` of `alexnet-ts`, in the page's worker, which is started if there is none.
 *
 * @throws BackendError where no worker can be started: in Node, or when its file is not found or not allowed.
 */
export async function load<const Name extends string = string>({
  weights,
  base,
  ...options
}: RemoteLoadOptions = {}): Promise<RemoteModel<Name>> {
  const given = withAddresses('load', options);
  if ('stream' in options && options.stream) {
    throw new OptionsError(
      "load: stream is not for models in the worker, which are given whole. Leave it out, or import load from 'alexnet-ts'.",
    );
  }
  const set = weights === undefined ? undefined : sentWeights(weights);
  const worker = connection();
  const from =
    base instanceof RemoteModel
      ? ({ alexnet: 'model', id: modelIn(worker, base, 'load') } satisfies Sent)
      : base === undefined
        ? undefined
        : sentWeights(base, 'base');
  const facts: ModelFacts = await worker.call('load', given, (thread, call) =>
    thread.load(call, set, from),
  );
  return remoteModel<Name>(worker, facts);
}

/** As `create` of `alexnet-ts`: the network goes to the worker as its `toJSON()`. */
export async function create<const Name extends string = string>(
  net: Sequential,
  options: CreateOptions<Name> = {},
): Promise<RemoteModel<Name>> {
  const given = withAddresses('create', options);
  const json = typeof net?.toJSON === 'function' ? net.toJSON() : thing(net);
  const worker = connection();
  return remoteModel<Name>(
    worker,
    await worker.call('create', given, (thread, call) => thread.create(call, json)),
  );
}

/** As `datasetFromFiles` of `alexnet-ts`: unzipping and decoding are the worker's. */
export async function datasetFromFiles(
  files: FilesInput | DataTransfer,
  options?: FilesOptions,
): Promise<Dataset> {
  // Now: when the handler of a drop returns, its list is empty.
  const input = isKind<DataTransfer>(files, 'DataTransfer')
    ? Array.from(files.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    : files;
  return connection().call('datasetFromFiles', options, async (thread, call) => {
    const sent = await sentFiles(input, options?.signal);
    options?.signal?.throwIfAborted();
    return thread.datasetFromFiles(call, sent);
  });
}

async function sentFiles(input: FilesInput, signal: AbortSignal | undefined): Promise<unknown> {
  if (zipFile(input) || isKind(input, 'FileSystemDirectoryHandle')) return input;
  if (!isKind<FileList>(input, 'FileList') && !Array.isArray(input)) return thing(input);
  return (await listFiles(input, signal)).map(({ path, image }) => sentFile(image as File, path));
}
