/** What each worker thread of `alexnet evaluate` runs: a model of its own, loaded at the first call. */
import { workerData } from 'node:worker_threads';
import { load } from '../../model/load';
import type { Model } from '../../model/model';
import type { CropKind } from '../../preprocessing/crop';
import { serializeError, type SerializedError } from '../../worker/serializeErrors';
import { answersOf, type Answer, type Loading } from './classifyFiles';

/** What every thread is started with. */
export interface ThreadData {
  loading: Loading;
  crops: CropKind;
}

/** An answer, or what was thrown: the thread itself ends in neither case. */
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

/** Where it computes. */
export const backend = (): Promise<Sent<Model['backend']>> =>
  sent(async () => (await model()).backend);

/** The answers to a batch. */
export const answer = (files: readonly string[]): Promise<Sent<Answer[]>> =>
  sent(async () => answersOf(await model(), files, crops));
