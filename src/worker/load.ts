/** load, create and datasetFromFiles of `alexnet-ts/worker`. */
import type { BackendOptions } from '../backends/backends';
import { OptionsError, describe } from '../errors';
import type { Sequential } from '../layers/sequential';
import type { CreateOptions, LoadOptions as PageLoadOptions } from '../model/load';
import { checkObject } from '../platform/checkOptions';
import { isAddress, isPlain } from '../platform/typeGuards';
import { isKind } from '../preprocessing/imageInput';
import type { FilesOptions } from '../training/dataset/checkImages';
import type { Dataset } from '../training/dataset/dataset';
import { listFiles, zipFile, type FilesInput } from '../training/dataset/pickedFiles';
import type { WeightSet } from '../weights/read/source';
import { connection } from './connection';
import { createModel, Model, modelIdIn } from './model';
import type { Serialized } from './protocol';
import { serializeWeights } from './serializeArguments';
import { absolute, placeholder, resolved, serializeFile } from './serializeImages';

/** Anything that `load({ weights })` accepts except IO handlers, whose functions cannot be sent. */
export type WeightsInput =
  | string
  | URL
  | readonly (string | URL)[]
  | readonly File[]
  | FileList
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | WeightSet;

/** Like `LoadOptions` of `alexnet-ts`, without `stream` and IO handlers. */
export interface LoadOptions extends Omit<PageLoadOptions, 'weights' | 'base' | 'stream'> {
  /** Like `LoadOptions.weights` of `alexnet-ts`, without IO handlers. @default the shipped set */
  weights?: WeightsInput | undefined;
  /**
   * Like `LoadOptions.base` of `alexnet-ts`: a set, or a model in the worker. @default the shipped
   * set
   */
  base?: WeightsInput | Model | undefined;
}

/** Makes URLs absolute, because they are relative to the page, not to the worker. */
function withAddresses<Options extends BackendOptions>(
  method: string,
  { wasmPaths, ...options }: Options,
) {
  if (wasmPaths === undefined) return options;
  if (typeof wasmPaths === 'string') return { ...options, wasmPaths: absolute(wasmPaths) };
  if (!isPlain(wasmPaths)) {
    throw new OptionsError(
      `${method}: wasmPaths must be an address or one for each file, got ${describe(wasmPaths)}: the worker does not know what the page passed to setWasmPaths. Pass the address, or omit the option.`,
    );
  }
  return {
    ...options,
    wasmPaths: Object.fromEntries(
      Object.entries(wasmPaths).map(([file, address]) => [file, resolved(address)]),
    ),
  };
}

/**
 * Like `load` of `alexnet-ts`, in the page's worker, which is started if there is none.
 *
 * @throws BackendError if no worker can be started: in Node, or if its file is not found or not
 * allowed.
 */
export function load<const Name extends string = string>(
  weights: string | URL,
): Promise<Model<Name>>;
export function load<const Name extends string = string>(
  options?: LoadOptions,
): Promise<Model<Name>>;
export async function load<Name extends string>(
  input: LoadOptions | string | URL = {},
): Promise<Model<Name>> {
  const given: LoadOptions = isAddress(input) ? { weights: input } : input;
  checkObject('load', given);
  const { weights, base, ...options } = given;
  const sent = withAddresses('load', options);
  if ('stream' in options && options.stream) {
    throw new OptionsError(
      "load: stream must be false in a worker, which returns a model when all weights have loaded. Omit it, or import load from 'alexnet-ts'.",
    );
  }
  const set = weights === undefined ? undefined : serializeWeights(weights, 'weights');
  const worker = await connection();
  const baseSet =
    base instanceof Model
      ? ({ alexnet: 'model', id: modelIdIn(worker, base, 'load') } satisfies Serialized)
      : base === undefined
        ? undefined
        : serializeWeights(base, 'base');
  const facts = await worker.call('load', sent, (service, call) =>
    service.load(call, set, baseSet),
  );
  return createModel<Name>(worker, facts);
}

/** Like `create` of `alexnet-ts`. The network is sent to the worker as its `toJSON()`. */
export async function create<const Name extends string = string>(
  net: Sequential,
  options: CreateOptions<Name> = {},
): Promise<Model<Name>> {
  checkObject('create', options);
  const sent = withAddresses('create', options);
  const json = typeof net?.toJSON === 'function' ? net.toJSON() : placeholder(net);
  const worker = await connection();
  const facts = await worker.call('create', sent, (service, call) => service.create(call, json));
  return createModel<Name>(worker, facts);
}

/** Like `datasetFromFiles` of `alexnet-ts`. The worker unzips and decodes. */
export async function datasetFromFiles(
  files: FilesInput | DataTransfer,
  options?: FilesOptions,
): Promise<Dataset> {
  // Before the first await: the list of a drop is empty after its event handler has returned.
  const input = isKind<DataTransfer>(files, 'DataTransfer')
    ? Array.from(files.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    : files;
  return (await connection()).call('datasetFromFiles', options, async (service, call) => {
    const sent = await serializeFiles(input, options?.signal);
    options?.signal?.throwIfAborted();
    return service.datasetFromFiles(call, sent);
  });
}

async function serializeFiles(
  input: FilesInput,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (zipFile(input) || isKind(input, 'FileSystemDirectoryHandle')) return input;
  if (!isKind<FileList>(input, 'FileList') && !Array.isArray(input)) return placeholder(input);
  return (await listFiles(input, signal)).map(({ path, image }) =>
    serializeFile(image as File, path),
  );
}
