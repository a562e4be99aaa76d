/** The worker: trains a network that comes as data on the pictures of some classes, for as long as it is given, and answers for others. */
import { create, type Model, type Prediction, type StepReport } from 'alexnet-ts';
import { sequentialFromJSON, type LayerJSON } from 'alexnet-ts/layers';
import { constantRate, pictures, train } from 'alexnet-ts/training';
import { expose } from 'comlink';

/** Addresses of pictures, by class. */
export type Addresses = Readonly<Record<string, readonly string[]>>;

export interface Lesson {
  /** What `toJSON()` gives. */
  network: LayerJSON;
  pictures: Addresses;
  /** Kept back, to measure by. */
  others: Addresses;
  batchSize: number;
  /** Step along the gradient. */
  learningRate: number;
  /** From the first step on. */
  seconds: number;
}

export type Epoch = NonNullable<StepReport['completed']>;

/** What the page is told meanwhile. */
export interface Listener {
  /** Pictures decoded, of all. */
  onPicture(done: number, total: number): void;
  onEpoch(epoch: Epoch): void;
}

export interface Answer {
  address: string;
  /** The class that it is of. */
  label: string;
  predictions: Prediction[];
}

let stopped = false;

const school = {
  /** Resolves, once the time is over, or after `stop()`, to answers for all of `others`. */
  async teach(lesson: Lesson, listener: Listener): Promise<Answer[]> {
    stopped = false;
    const labels = Object.keys(lesson.pictures);
    const model = await create(sequentialFromJSON(lesson.network), {
      labels,
      backend: 'wasm',
      seed: 1,
    });
    try {
      const onPicture = (done: number, total: number) => listener.onPicture(done, total);
      const data = await pictures(lesson.pictures, model, { onPicture });
      const validation = await pictures(lesson.others, model, { augment: false });
      const { batchSize, learningRate, seconds } = lesson;
      const options = {
        epochs: 100_000,
        batchSize,
        learningRate,
        validation,
        schedule: constantRate(),
        seed: 1,
      };
      const end = performance.now() + 1000 * seconds;
      for await (const { completed } of train(model, data, options)) {
        if (completed) listener.onEpoch(completed);
        if (stopped || performance.now() > end) break;
      }
      return await answers(model, lesson.others);
    } finally {
      model.dispose();
    }
  },
  /** Ends the lesson after the step under way. */
  stop(): void {
    stopped = true;
  },
};

async function answers(model: Model, others: Addresses): Promise<Answer[]> {
  const all = Object.entries(others).flatMap(([label, addresses]) =>
    addresses.map((address) => ({ label, address })),
  );
  const predictions = await model.classify(all.map(({ address }) => address));
  return all.map((each, i) => ({ ...each, predictions: predictions[i]! }));
}

expose(school);
export type School = typeof school;
