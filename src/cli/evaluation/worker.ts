/** A worker thread of `alexnet evaluate`. Loads its own model at the first call. */
import { workerData } from 'node:worker_threads';
import { load } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { serializeError, type SerializedError } from '../../platform/serializeErrors';
import { classifyBatch, type FileResult, type LoadingOptions } from './fileClassifier';

/** The `workerData` of each thread. */
export interface EvaluationWorkerData {
  loading: LoadingOptions;
  crops: CropKind;
}

/** A result, or an error that the worker caught and serialized. */
export type WorkerReply<T> = { value: T } | { thrown: SerializedError };

const { loading, crops } = workerData as EvaluationWorkerData;
let loaded: Promise<Model> | undefined;
const model = () => (loaded ??= load(loading));

async function toReply<T>(work: () => Promise<T>): Promise<WorkerReply<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { thrown: serializeError(error) };
  }
}

/** Returns the backend and the precision of the thread's model. */
export const modelInfo = (): Promise<WorkerReply<Pick<Model, 'backend' | 'precision'>>> =>
  toReply(async () => {
    const { backend, precision } = await model();
    return { backend, precision };
  });

/** Classifies a batch. */
export const classify = (files: readonly string[]): Promise<WorkerReply<FileResult[]>> =>
  toReply(async () => classifyBatch(await model(), files, crops));
