/** The worker of this page: loads the network on one backend, and measures that. */
import { load, type LoadOptions, type LoadProgress, type Model } from 'alexnet-ts';
import { expose } from 'comlink';
import { now, PHASES, type Job, type Measured, type Phase } from './job';
import { heldBy } from './memory';

const PHASE_OF: Record<LoadProgress['phase'], Phase> = {
  fetch: 'fetch',
  verify: 'decode',
  decode: 'decode',
  upload: 'upload',
  'warm-up': 'compile',
};
/** Slow backends are measured less often: not longer than this, in ms, but three times. */
const PATIENCE = 4000;

/** `threads` is there from the version on that has them. */
type Threads = { threads?: number };

const worker = {
  /** `onStep` is told what is being done. */
  async measure(
    { backend, threads, picture, times, startedAt }: Job,
    onStep: (step: string) => void,
  ): Promise<Measured> {
    const phases = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
    let last = startedAt;
    let doing: Phase = 'start';
    /** What went by since the last call was this. */
    const lap = (phase: Phase) => {
      const at = now();
      phases[phase] += at - last;
      last = at;
    };
    if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu'); // the library runs on it where the app brings it
    const options: LoadOptions & Threads = {
      backend,
      ...(threads && { threads }),
      onProgress({ phase }) {
        lap(doing === 'start' ? 'start' : PHASE_OF[phase]); // the first report comes before anything is fetched
        if (doing !== PHASE_OF[phase]) onStep(PHASE_OF[phase]);
        doing = PHASE_OF[phase];
      },
    };
    const model = await load(options);
    lap('compile');
    checkThreads(model, threads);

    if (times > 0) onStep('first answer');
    if (times > 0) await model.classify(picture);
    lap('answer');
    const measured: number[] = [];
    const began = now();
    while (measured.length < times && (measured.length < 3 || now() - began < PATIENCE)) {
      onStep(`picture ${measured.length + 1}`);
      const start = now();
      await model.classify(picture);
      measured.push(now() - start);
    }
    return {
      backend: model.backend,
      passedOver: model.passedOver,
      phases,
      times: measured,
      memory: heldBy(model.backend),
    };
  },
};

/** @throws Error when several threads were wanted, and there are not. */
function checkThreads(model: Model & Threads, wanted = 1) {
  if (wanted === 1) return;
  if (model.threads === undefined)
    throw new Error('This needs a version of alexnet-ts whose load() takes threads.');
  if (model.threads > 1) return;
  const reason = model.passedOver.find(({ name }) => name === 'wasm')?.reason;
  throw new Error(`It has one thread here${reason ? `: ${reason.replace(/[.?]$/, '')}` : ''}.`);
}

export type MeasuringWorker = typeof worker;
expose(worker);
