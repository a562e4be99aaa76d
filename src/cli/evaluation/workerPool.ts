/** Classifies in worker threads, each with its own model. */
import type { Piscina } from 'piscina';
import type { BackendName } from '../../backends/backends';
import { BackendError, reasonOf } from '../../errors';
import type { CropKind } from '../../preprocessing/crop';
import { deserializeError } from '../../worker/serializeErrors';
import { progressBar } from '../progress';
import type { Answer, Answerer, Loading } from './classifyFiles';
import type { Sent, ThreadData } from './worker';

/** Next to cli.js in the build. */
const THREAD = new URL('./cli-evaluationThread.js', import.meta.url).href;

/** Starts the threads. Resolves when all have loaded. */
export async function answererInWorkers(
  workers: number,
  loading: Loading,
  crops: CropKind,
): Promise<Answerer> {
  const { Piscina } = await import('piscina');
  const workerData: ThreadData = { loading, crops };
  const pool = new Piscina({
    filename: THREAD,
    workerData,
    minThreads: workers,
    maxThreads: workers,
    atomics: 'disabled',
  });
  const bar = progressBar('starting workers', workers);
  try {
    // A thread takes one call at a time, so each gets one.
    const started = Array.from({ length: workers }, async () => {
      const backend = await call<BackendName>(pool, 'backend');
      bar.increment();
      return backend;
    });
    const [backend] = await Promise.all(started);
    return {
      backend: backend!,
      atOnce: 2 * workers, // so that no thread waits for a batch
      answer: (files) => call<Answer[]>(pool, 'answer', files),
      close: () => pool.destroy(),
    };
  } catch (error) {
    await pool.destroy();
    throw error;
  } finally {
    bar.stop();
  }
}

async function call<T>(pool: Piscina, name: string, task?: unknown): Promise<T> {
  const sent = await (pool.run(task, { name }) as Promise<Sent<T>>).catch((error: unknown) => {
    throw new BackendError(
      `evaluate: a worker thread ended (${reasonOf(error).replace(/\.$/, '')}). Each has its own copy of the network: use fewer --workers.`,
      { cause: error },
    );
  });
  if ('thrown' in sent) throw deserializeError(sent.thrown);
  return sent.value;
}
