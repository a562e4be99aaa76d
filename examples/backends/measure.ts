/** measure: benchmarks a backend in its own worker. */
import { proxy, wrap } from 'comlink';
import { chosenWeights } from '../gallery/network';
import { errorMessage } from '../gallery/errorMessage';
import type { BackendCase } from './backendCases';
import { now, type BenchmarkJob, type BenchmarkResult } from './benchmarkJob';
import type { Outcome } from './resultsTable';
import { measureWorkerMemory } from './workerMemory';
import type { BenchmarkWorker } from './worker';

/** Maximum number of measurements per backend. */
const REPEATS = 12;
/** In ms. A backend may hang. */
const TIMEOUT = 180_000;

interface MeasureOptions {
  picture: ImageBitmap;
  onStep: (step: string) => void;
  signal: AbortSignal;
  /** Whether to measure the memory of the whole worker too. */
  workerMemory?: boolean;
}

/**
 * Measures a backend. Returns the result or the reason for a failure.
 *
 * @throws the reason of the signal.
 */
export async function outcomeOf(
  { backend, threads, unavailable }: BackendCase,
  options: MeasureOptions,
): Promise<Outcome> {
  if (unavailable) return { problem: unavailable };
  try {
    return {
      result: await measure({ backend, ...(threads && { threads }), repeats: REPEATS }, options),
    };
  } catch (error) {
    options.signal.throwIfAborted();
    const message = errorMessage(error) ?? 'The browser stopped it.';
    return {
      problem: message.replace(
        /^load: backend "\w+" cannot be used here: (.*)\. (Take|Use|Try|Choose) .*$/,
        'Not available: $1.',
      ),
    };
  }
}

/**
 * Measures the backend that `auto` selects. Returns undefined if there is none.
 *
 * @throws the reason of the signal.
 */
export async function measureAuto(options: MeasureOptions): Promise<BenchmarkResult | undefined> {
  try {
    return await measure({ backend: 'auto', repeats: 0 }, options);
  } catch {
    options.signal.throwIfAborted();
    return undefined;
  }
}

async function measure(
  job: Omit<BenchmarkJob, 'picture' | 'startedAt'>,
  { picture, onStep, signal, workerMemory }: MeasureOptions,
): Promise<BenchmarkResult> {
  signal.throwIfAborted();
  const weights = await chosenWeights();
  const startedAt = now();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let finished = false;
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The worker failed: ${message || 'its script could not be loaded'}.`)),
    );
    timer = setTimeout(
      () => reject(new Error(`Stopped after ${TIMEOUT / 60_000} minutes.`)),
      TIMEOUT,
    );
  });
  try {
    // Messages may arrive after the result.
    const reportStep = proxy((step: string) => void (finished || onStep(step)));
    const result = await Promise.race([
      wrap<BenchmarkWorker>(worker).measure(
        { ...job, ...(weights && { weights }), picture, startedAt },
        reportStep,
      ),
      ended,
    ]);
    if (!workerMemory) return result;
    onStep('measuring memory');
    return { ...result, workerBytes: await Promise.race([measureWorkerMemory(), ended]) };
  } finally {
    finished = true;
    clearTimeout(timer);
    worker.terminate();
  }
}
