/** Classifies image files in worker threads, each with its own model. */
import type { Piscina } from 'piscina';
import { BackendError, reasonOf } from '../../errors';
import type { CropKind } from '../../preprocessing/crop';
import { deserializeError } from '../../platform/serializeErrors';
import { progressBar } from '../progress';
import type { FileClassifier, FileResult, LoadingOptions } from './fileClassifier';
import type { EvaluationWorkerData, WorkerReply } from './worker';

/** The built worker, which is in the same folder as cli.js. */
const WORKER_FILE = new URL('./cli-evaluationThread.js', import.meta.url).href;

/** Starts the threads. Resolves when all of them have loaded the model. */
export async function workerClassifier(
  workers: number,
  loading: LoadingOptions,
  crops: CropKind,
): Promise<FileClassifier> {
  const { Piscina } = await import('piscina');
  const workerData: EvaluationWorkerData = { loading, crops };
  const pool = new Piscina({
    filename: WORKER_FILE,
    workerData,
    minThreads: workers,
    maxThreads: workers,
    atomics: 'disabled',
  });
  const bar = progressBar('starting workers', workers);
  try {
    // A thread runs one call at a time, so each thread receives exactly one of these.
    const started = Array.from({ length: workers }, async () => {
      const info = await call<Pick<FileClassifier, 'backend' | 'precision'>>(pool, 'modelInfo');
      bar.increment();
      return info;
    });
    const [info] = await Promise.all(started);
    return {
      ...info!,
      concurrency: 2 * workers, // the next batch of each thread is queued
      classify: (files) => call<FileResult[]>(pool, 'classify', files),
      close: () => pool.destroy(),
    };
  } catch (error) {
    await pool.destroy();
    throw error;
  } finally {
    bar.stop();
  }
}

/** Calls an exported function of a worker. */
async function call<T>(pool: Piscina, name: string, task?: unknown): Promise<T> {
  const reply = await (pool.run(task, { name }) as Promise<WorkerReply<T>>).catch(
    (error: unknown) => {
      throw new BackendError(
        `evaluate: a worker thread ended (${reasonOf(error).replace(/\.$/, '')}). Each has its own copy of the network: use fewer --workers.`,
        { cause: error },
      );
    },
  );
  if ('thrown' in reply) throw deserializeError(reply.thrown);
  return reply.value;
}
