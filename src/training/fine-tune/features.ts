/** Features: what the frozen layers make of each picture, computed once and kept off the GPU. */
import { fromHalf, toHalf } from '../../platform/float16';
import type { TrainingData } from '../dataset/trainingData';

/** Above this many bytes, features are kept in half the space, with three significant digits. */
const HALF_ABOVE = 256 * 1024 * 1024;

/** One picture's views, one after the other. */
interface Row {
  class: number;
  name: string;
  views: Float32Array | Uint16Array;
}

/** The features of labelled pictures: of each the centre view first, then perhaps further ones. */
export class Features {
  readonly rows: Row[] = [];
  readonly #half: boolean;

  constructor(
    /** Numbers of one view. */
    readonly length: number,
    /** How many views there will be, for the choice of their precision. */
    expected = 0,
  ) {
    this.#half = expected * length * 4 > HALF_ABOVE;
  }

  /** The class of each picture. */
  get classes(): number[] {
    return this.rows.map((row) => row.class);
  }

  add(index: number, name: string, views: Float32Array): void {
    this.rows.push({
      class: index,
      name,
      views: this.#half ? Uint16Array.from(views, toHalf) : views,
    });
  }

  viewsOf(picture: number): number {
    return this.rows[picture]!.views.length / this.length;
  }

  /** Writes one view of a picture into `target`. */
  read(picture: number, view: number, target: Float32Array): void {
    const { views } = this.rows[picture]!;
    const own = views.subarray(view * this.length, (view + 1) * this.length);
    if (own instanceof Float32Array) target.set(own);
    else for (let i = 0; i < own.length; i++) target[i] = fromHalf(own[i]!);
  }

  /** As examples: the centre views, or views drawn at random. */
  data(
    pictures: readonly number[],
    { drawn, change = () => {} }: { drawn: boolean; change?: (view: Float32Array) => void },
  ): TrainingData {
    return {
      classes: pictures.map((picture) => this.rows[picture]!.class),
      inputs: (examples, uniform) => {
        const batch = new Float32Array(examples.length * this.length);
        examples.forEach((example, i) => {
          const picture = pictures[example]!;
          const view = drawn ? Math.floor(uniform() * this.viewsOf(picture)) : 0;
          const target = batch.subarray(i * this.length, (i + 1) * this.length);
          this.read(picture, view, target);
          change(target);
        });
        return batch;
      },
    };
  }

  /** The pictures of some classes, under other indices: `indices[old]` is the new one, undefined leaves out. */
  relabelled(indices: readonly (number | undefined)[]): Features {
    const features = new Features(this.length);
    for (const row of this.rows) {
      const index = indices[row.class];
      if (index !== undefined) features.rows.push({ ...row, class: index });
    }
    return features;
  }

  /** These and others. */
  with(others: Features): Features {
    const features = new Features(this.length);
    features.rows.push(...this.rows, ...others.rows);
    return features;
  }
}

/** What centres a set of features, and gives their vectors the length wanted. */
export interface Standard {
  mean: Float32Array;
  scale: number;
}

/**
 * Of all views of some pictures: `(view − mean) · scale` has the mean 0 and the mean squared length `length`². One scale for all
 * features: what each varies by cannot be told from a handful of pictures.
 */
export function standardOf(
  features: Features,
  pictures: readonly number[],
  length: number,
): Standard {
  const sum = new Float64Array(features.length);
  const view = new Float32Array(features.length);
  let [squares, count] = [0, 0];
  for (const picture of pictures) {
    for (let i = 0; i < features.viewsOf(picture); i++) {
      features.read(picture, i, view);
      count++;
      for (let j = 0; j < view.length; j++) {
        sum[j]! += view[j]!;
        squares += view[j]! * view[j]!;
      }
    }
  }
  const variance = sum.reduce((left, total) => left - (total / count) ** 2, squares / count);
  return {
    mean: Float32Array.from(sum, (total) => total / count),
    scale: length / Math.sqrt(Math.max(variance, 1e-12)),
  };
}
