/**
 * The program of dist/convertThread.js, which converts files of other frameworks for the worker.
 * `convertToStore.worker.ts` starts it.
 */
import { expose, type Remote } from 'comlink';
import { asError, sendErrorsAsData } from '../../platform/serializeErrors';
import type { FileParts } from '../convert/fileReader';
import type { Manifest } from '../format/manifest';
import type { ConvertSettings } from './convertSettings';
import { convertToStore } from './convertToStore';
import type { ShardStore } from './shardStore';

/** The file and the store, which stay in the worker. */
export type ConvertIO = Pick<FileParts, 'read'> & Pick<ShardStore, 'put'>;

export interface ConvertService {
  /** Converts a file. Returns the manifest of the set whose shards were put into the store. */
  convert(
    file: Pick<FileParts, 'name' | 'size'>,
    io: ConvertIO,
    settings: ConvertSettings | undefined,
  ): Promise<Manifest>;
}

/** Restores an error of the worker. */
const fromWorker = <T>(result: Promise<T>): Promise<T> =>
  result.catch((error: unknown) => {
    throw asError(error);
  });

const service: ConvertService = {
  convert(file, io, settings) {
    const { read, put } = io as unknown as Remote<ConvertIO>;
    return convertToStore(
      { ...file, read: (start, end) => fromWorker(read(start, end)) },
      {
        put: (shard) => fromWorker(put(shard)),
        finish: async () => {}, // the worker does
        discard: async () => {},
        get: async () => undefined,
      },
      { convert: settings },
    );
  },
};

sendErrorsAsData();
expose(service);
