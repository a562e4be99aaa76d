/** measure: one backend in a worker of its own, that ends with it. */
import { proxy, wrap } from 'comlink';
import { sentenceOf } from '../gallery/sentenceOf';
import type { Contender } from './contenders';
import { now, type Job, type Measured } from './job';
import type { Outcome } from './table';
import { weigh } from './weigh';
import type { MeasuringWorker } from './worker';

/** How often a picture is classified, unless that takes too long. */
const TIMES = 12;
/** A backend may hang without a word. In ms. */
const LIMIT = 180_000;

interface Telling {
  picture: ImageBitmap;
  onStep: (step: string) => void;
  signal: AbortSignal;
  /** Whether the browser shall count the worker's memory too. */
  weighed?: boolean;
}

/** Measures one, or says why not. Throws the signal's reason alone. */
export async function outcomeOf(
  { backend, threads, absent }: Contender,
  telling: Telling,
): Promise<Outcome> {
  if (absent) return { problem: absent };
  try {
    return {
      measured: await measure({ backend, ...(threads && { threads }), times: TIMES }, telling),
    };
  } catch (error) {
    telling.signal.throwIfAborted();
    const sentence = sentenceOf(error) ?? 'It was ended by the browser.';
    return {
      problem: sentence.replace(
        /^load: backend "\w+" cannot be used here: (.*)\. Take .*$/,
        'It cannot be used here: $1.',
      ),
    };
  }
}

/** Undefined where it finds no backend: why not is told for each. Throws the signal's reason alone. */
export async function whatAutoTakes(telling: Telling): Promise<Measured | undefined> {
  try {
    return await measure({ backend: 'auto', times: 0 }, telling);
  } catch {
    telling.signal.throwIfAborted();
    return undefined;
  }
}

async function measure(
  job: Omit<Job, 'picture' | 'startedAt'>,
  { picture, onStep, signal, weighed }: Telling,
): Promise<Measured> {
  signal.throwIfAborted();
  const startedAt = now();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`Its worker failed: ${message || 'the script cannot be loaded'}.`)),
    );
    timer = setTimeout(
      () => reject(new Error(`It was not done after ${LIMIT / 60_000} minutes, and was ended.`)),
      LIMIT,
    );
  });
  try {
    const telling = proxy((step: string) => void (over || onStep(step))); // its messages may come behind the result
    const measured = await Promise.race([
      wrap<MeasuringWorker>(worker).measure({ ...job, picture, startedAt }, telling),
      ended,
    ]);
    if (!weighed) return measured;
    onStep('its memory, which can take 20 seconds');
    return { ...measured, whole: await Promise.race([weigh(), ended]) };
  } finally {
    over = true;
    clearTimeout(timer);
    worker.terminate();
  }
}
