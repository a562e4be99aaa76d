/** recovery: a training on WebGL whose context is lost goes on in WASM, from the last step whose weights are known. */
import { ContextLost, isLost, read } from '../../backends/contextLoss';
import { REASON, renewedOn } from '../../model/recover';
import { chooseBackend } from '../../backends/chooseBackend';
import { TrainingError, sentenceOf } from '../../errors';
import { prepareTraining } from '../../kernels/prepareTraining';
import type { ModelInternals } from '../../model/modelParts';
import { release } from '../../platform/sharedTensors';
import { dequantize } from '../../weights/format/storedTensor';
import type { TrainingData } from '../dataset/trainingData';
import { startPosition, trainingLoop, type LoopSettings } from '../loop/loop';
import type { History, StepReport } from '../loop/history';
import type { Trainer, TrainerState } from '../loop/trainer';
import type { ReloadWeights } from '../../weights/read/read';

/** Steps between two snapshots, beside the one after each epoch: reading a head takes no time, reading fc6 to fc8 half a second. */
const EVERY = { small: 10, large: 50 };
/** Numbers from which a training is a large one. */
const LARGE = 2 ** 20;

/** Where a run on WebGL can go on. */
export interface Refuge {
  /** The model that is tuned: its backend and its tensors are others after a move. */
  base: ModelInternals;
  /** Its weights as numbers. */
  weights: Readonly<Record<string, Float32Array>>;
  /**
   * Moves the base to WASM if its context is lost; `when` is for the error's message.
   * @throws TrainingError when WASM cannot be used.
   */
  settle(when: string): Promise<void>;
}

/**
 * Reads a model's weights off the GPU, from which they cannot be read once its context is lost; undefined where there is none to lose.
 * TensorFlow.js keeps what it has read as long as the tensors live: from then on a model on WebGL takes as much memory again outside
 * the GPU (231 MB for the paper's network with 200 classes), and the next run reads nothing.
 */
export async function refugeOf(base: ModelInternals, where: string): Promise<Refuge | undefined> {
  if (!base.tfBackend.includes('webgl')) return undefined;
  const specs = base.net.params();
  const weights = await numbersOf(base);
  const settle = async (when: string) => {
    if (!isLost(base.tfBackend)) return;
    try {
      const chosen = await chooseBackend('wasm', base.backend.options);
      await prepareTraining(chosen.tfBackend);
      const again: ReloadWeights = async (put) =>
        Object.entries(weights).forEach(([name, values]) => put(name, specs[name]!.shape, values));
      const { backend, tensors, engine } = await renewedOn(base.net, chosen, again);
      const passedOver = [...base.backend.passedOver, { name: 'webgl' as const, reason: REASON }];
      Object.values(base.tensors).forEach(release);
      Object.assign(base, {
        backend: { ...backend, passedOver },
        tfBackend: chosen.tfBackend,
        tensors,
        engine,
      });
    } catch (error) {
      throw new TrainingError(
        `${where}: the WebGL context was lost ${when}, and WASM cannot take over: ${sentenceOf(error)} ` +
          "Load the model with backend: 'wasm', and start again.",
        undefined,
        { cause: error },
      );
    }
    base.moved?.(base, REASON);
  };
  base.recover = () => settle('in the feature pass');
  await settle('before it began');
  return { base, weights, settle };
}

/** Work on the base before the training, done again when the context is lost meanwhile. */
export async function sheltered<T>(refuge: Refuge | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!refuge || !(error instanceof ContextLost)) throw error;
  }
  await refuge.settle('before the first step');
  return work();
}

/** A model's parameters, off the GPU; from memory when that is lost already. */
async function numbersOf({
  net,
  tfBackend,
  tensors,
  again,
}: ModelInternals): Promise<Record<string, Float32Array>> {
  const weights: Record<string, Float32Array> = {};
  try {
    for (const name of Object.keys(net.params()))
      weights[name] = await read(tfBackend, tensors[name]!);
  } catch (error) {
    if (!(error instanceof ContextLost) || !again) throw error;
    await again((name, _, stored) => void (weights[name] = dequantize(stored)));
  }
  return weights;
}

export interface SteadyLoop {
  trainer: Trainer;
  data: TrainingData;
  settings: LoopSettings;
  where: string;
  /** The weights that the trainer has; not looked at without a refuge. */
  start: Record<string, Float32Array>;
  refuge: Refuge | undefined;
}

/** A training loop from the beginning, each step once, whatever becomes of the GPU. */
export async function* steadyLoop({
  trainer,
  data,
  settings,
  where,
  start,
  refuge,
}: SteadyLoop): AsyncGenerator<StepReport, History, void> {
  if (!refuge)
    return yield* trainingLoop(trainer, data, settings, startPosition(settings.schedule), where);
  const size = Object.values(start).reduce((sum, { length }) => sum + length, 0);
  const every = size < LARGE ? EVERY.small : EVERY.large;
  let known = {
    position: startPosition(settings.schedule),
    state: { weights: start, velocities: {} } as TrainerState,
  };
  let reported = 0;
  for (;;) {
    const position = structuredClone(known.position);
    const loop = trainingLoop(trainer, data, settings, position, where);
    try {
      for (;;) {
        const { done, value } = await loop.next();
        if (done) return value;
        if (value.step <= reported) continue; // done again, to come to where it was
        if (trainer.tfBackend.includes('webgl') && (value.completed || value.step % every === 0)) {
          known = { state: await trainer.state(), position: structuredClone(position) };
        }
        reported = value.step;
        yield value;
      }
    } catch (error) {
      if (!(error instanceof ContextLost)) throw error;
      await refuge.settle(`at step ${reported + 1}`);
      trainer.move(refuge.base, known.state);
    } finally {
      await loop.return(undefined as never);
    }
  }
}
