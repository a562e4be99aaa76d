/** Answers by worker threads, each with a model of its own. */
import type { Piscina } from 'piscina';
import type { BackendName } from '../../backends/backends';
import { BackendError, reasonOf } from '../../errors';
import type { CropKind } from '../../preprocessing/crop';
import { deserializeError } from '../../worker/serializeErrors';
import { progressBar } from '../progress';
import type { Answer, Answerer, Loading } from './classifyFiles';
import type { Sent, ThreadData } from './worker';

/** Beside cli.js, once built. */
const THREAD = new URL('./cli-evaluationThread.js', import.meta.url).href;

/** Starts the threads, and resolves when all have loaded. */
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
    // one for each, since a thread takes one call at a time
    const started = Array.from({ length: workers }, async () => {
      const backend = await call<BackendName>(pool, 'backend');
      bar.increment();
      return backend;
    });
    const [backend] = await Promise.all(started);
    return {
      backend: backend!,
      atOnce: 2 * workers, // the next batch waits for a thread, and not a thread for it
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
      `evaluate: a worker thread ended (${reasonOf(error).replace(/\.$/, '')}). Each holds the whole network: take fewer --workers.`,
      { cause: error },
    );
  });
  if ('thrown' in sent) throw deserializeError(sent.thrown);
  return sent.value;
}
