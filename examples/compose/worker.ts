/** The worker: trains a network for a given time, then classifies pictures it has not seen. */
import { create, type Model, type Prediction, type StepReport } from 'alexnet-ts';
import { sequentialFromJSON, type LayerJSON } from 'alexnet-ts/layers';
import { constantRate, imageData, train } from 'alexnet-ts/training';
import { expose } from 'comlink';

/** URLs of pictures, by class. */
export type PictureUrls = Readonly<Record<string, readonly string[]>>;

export interface TrainingJob {
  /** From `toJSON()`. */
  network: LayerJSON;
  training: PictureUrls;
  validation: PictureUrls;
  batchSize: number;
  learningRate: number;
  /** Training time, from the first step. */
  seconds: number;
}

export type EpochReport = NonNullable<StepReport['completed']>;

export interface TrainingListener {
  /** Called after each picture is decoded. */
  onPicture(done: number, total: number): void;
  onEpoch(epoch: EpochReport): void;
}

export interface LabeledPrediction {
  url: string;
  /** The true class. */
  label: string;
  predictions: Prediction[];
}

/**
 * Milliseconds for an epoch that has begun to complete after the end, so that the last point of the
 * curves belongs to the final weights.
 */
const GRACE = 3000;

/** When training ends, on the clock of `performance.now()`. */
let end = Infinity;

const trainer = {
  /** Trains until the time is over or `stop()`. Returns predictions for the validation pictures. */
  async train(job: TrainingJob, listener: TrainingListener): Promise<LabeledPrediction[]> {
    end = Infinity;
    const model = await create(sequentialFromJSON(job.network), {
      labels: Object.keys(job.training),
      backend: 'wasm',
      seed: 1,
    });
    try {
      const onPicture = (done: number, total: number) => listener.onPicture(done, total);
      const data = await imageData(job.training, model, { onImage: onPicture });
      const validation = await imageData(job.validation, model, { augment: false });
      const { batchSize, learningRate, seconds } = job;
      const options = {
        epochs: 100_000,
        batchSize,
        learningRate,
        validation,
        schedule: constantRate(),
        seed: 1,
      };
      end = Math.min(end, performance.now() + 1000 * seconds);
      for await (const { completed } of train(model, data, options)) {
        if (completed) listener.onEpoch(completed);
        const late = performance.now() - end;
        if (late >= 0 && (completed || late > GRACE)) break;
      }
      return await classifyAll(model, job.validation);
    } finally {
      model.dispose();
    }
  },
  /** Ends training after the current epoch, or step if the epoch is long. */
  stop(): void {
    end = Math.min(end, performance.now());
  },
};

async function classifyAll(model: Model, urls: PictureUrls): Promise<LabeledPrediction[]> {
  const all = Object.entries(urls).flatMap(([label, list]) => list.map((url) => ({ label, url })));
  const predictions = await model.classify(all.map(({ url }) => url));
  return all.map((each, i) => ({ ...each, predictions: predictions[i]! }));
}

expose(trainer);
export type TrainingWorker = typeof trainer;
