/** A worker thread of `alexnet evaluate`: its own model, loaded at the first call. */
import { workerData } from 'node:worker_threads';
import { load } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { serializeError, type SerializedError } from '../../worker/serializeErrors';
import { answersOf, type Answer, type Loading } from './classifyFiles';

/** The data each thread starts with. */
export interface ThreadData {
  loading: Loading;
  crops: CropKind;
}

/** A result or an error. Neither ends the thread. */
export type Sent<T> = { value: T } | { thrown: SerializedError };

const { loading, crops } = workerData as ThreadData;
let loaded: Promise<Model> | undefined;
const model = () => (loaded ??= load(loading));

async function sent<T>(work: () => Promise<T>): Promise<Sent<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { thrown: serializeError(error) };
  }
}

/** Returns the backend of its model. */
export const backend = (): Promise<Sent<Model['backend']>> =>
  sent(async () => (await model()).backend);

/** Classifies a batch. */
export const answer = (files: readonly string[]): Promise<Sent<Answer[]>> =>
  sent(async () => answersOf(await model(), files, crops));
