/** The worker: loads the network on a backend and measures it. */
import { load, type LoadOptions, type LoadProgress, type Model } from 'alexnet-ts';
import { expose } from 'comlink';
import { now, PHASES, type BenchmarkJob, type BenchmarkResult, type Phase } from './benchmarkJob';
import { modelMemory } from './modelMemory';

const PHASE_OF: Record<LoadProgress['phase'], Phase> = {
  download: 'fetch',
  convert: 'decode',
  fetch: 'fetch',
  verify: 'decode',
  decode: 'decode',
  upload: 'upload',
  'warm-up': 'compile',
};
/** Time limit for repeats in ms; at least three are measured. */
const MAX_DURATION = 4000;

/** Older versions of the library have no `threads`. */
type Threads = { threads?: number };

const worker = {
  /** Calls `onStep` with the name of each step. */
  async measure(
    { backend, threads, weights, picture, repeats, startedAt }: BenchmarkJob,
    onStep: (step: string) => void,
  ): Promise<BenchmarkResult> {
    const phases = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
    let last = startedAt;
    let current: Phase = 'start';
    /** Adds the time since the last call to a phase. */
    const lap = (phase: Phase) => {
      const at = now();
      phases[phase] += at - last;
      last = at;
    };
    // The library uses it if the app registers it.
    if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    const options: LoadOptions & Threads = {
      backend,
      ...(threads && { threads }),
      ...(weights && { weights }),
      onProgress({ phase }) {
        // The first report precedes all fetches.
        lap(current === 'start' ? 'start' : PHASE_OF[phase]);
        if (current !== PHASE_OF[phase]) onStep(PHASE_OF[phase]);
        current = PHASE_OF[phase];
      },
    };
    const model = await load(options);
    lap('compile');
    checkThreads(model, threads);

    if (repeats > 0) onStep('first prediction');
    if (repeats > 0) await model.classify(picture);
    lap('predict');
    const times: number[] = [];
    const begin = now();
    while (times.length < repeats && (times.length < 3 || now() - begin < MAX_DURATION)) {
      onStep(`picture ${times.length + 1}`);
      const start = now();
      await model.classify(picture);
      times.push(now() - start);
    }
    return {
      backend: model.backend,
      passedOver: model.passedOver,
      phases,
      times,
      memory: modelMemory(model.backend),
    };
  },
};

/** @throws Error if several threads were requested but not available. */
function checkThreads(model: Model & Threads, requested = 1) {
  if (requested === 1) return;
  if (model.threads === undefined)
    throw new Error('This version of alexnet-ts does not support threads.');
  if (model.threads > 1) return;
  const reason = model.passedOver.find(({ name }) => name === 'wasm')?.reason;
  throw new Error(
    `Only one thread is available${reason ? `: ${reason.replace(/[.?]$/, '')}` : ''}.`,
  );
}

export type BenchmarkWorker = typeof worker;
expose(worker);
