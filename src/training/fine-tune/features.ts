/**
 * Features: the outputs of the frozen layers for each image, computed once and kept off the GPU.
 */
import { fromHalf, toHalf } from '../../platform/float16';
import type { TrainingData } from '../dataset/trainingData';

/**
 * Above this many bytes, features are kept as float16, with half the memory and three significant
 * digits.
 */
const HALF_ABOVE = 256 * 1024 * 1024;

/** The views of one image, one after the other. */
interface Row {
  class: number;
  name: string;
  views: Float32Array | Uint16Array;
}

/**
 * The features of labeled images: for each image those of the center view, then of its random
 * views, if any.
 */
export class Features {
  readonly rows: Row[] = [];
  readonly #half: boolean;

  constructor(
    /** Values of one view. */
    readonly length: number,
    /** The number of views that will be added, which decides their precision. */
    expected = 0,
  ) {
    this.#half = expected * length * 4 > HALF_ABOVE;
  }

  /** The class of each image. */
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

  viewsOf(image: number): number {
    return this.rows[image]!.views.length / this.length;
  }

  /** Writes one view of an image into `target`. */
  read(image: number, view: number, target: Float32Array): void {
    const { views } = this.rows[image]!;
    const values = views.subarray(view * this.length, (view + 1) * this.length);
    if (values instanceof Float32Array) target.set(values);
    else for (let i = 0; i < values.length; i++) target[i] = fromHalf(values[i]!);
  }

  /**
   * Returns rows as examples, with their center views or views drawn at random; `change` edits each
   * view in place.
   */
  data(
    rows: readonly number[],
    { drawn, change = () => {} }: { drawn: boolean; change?: (view: Float32Array) => void },
  ): TrainingData {
    return {
      classes: rows.map((row) => this.rows[row]!.class),
      inputs: (examples, uniform) => {
        const batch = new Float32Array(examples.length * this.length);
        examples.forEach((example, i) => {
          const row = rows[example]!;
          const view = drawn ? Math.floor(uniform() * this.viewsOf(row)) : 0;
          const target = batch.subarray(i * this.length, (i + 1) * this.length);
          this.read(row, view, target);
          change(target);
        });
        return batch;
      },
    };
  }

  /**
   * Returns the rows with new class indices: `indices[old]` is the new one, undefined leaves the
   * row out.
   */
  relabeled(indices: readonly (number | undefined)[]): Features {
    const features = new Features(this.length);
    for (const row of this.rows) {
      const index = indices[row.class];
      if (index !== undefined) features.rows.push({ ...row, class: index });
    }
    return features;
  }

  /** Returns these rows and others. */
  with(others: Features): Features {
    const features = new Features(this.length);
    features.rows.push(...this.rows, ...others.rows);
    return features;
  }
}

/** Standardizes features: `(view − mean) · scale`. */
export interface Standard {
  mean: Float32Array;
  scale: number;
}

/**
 * Returns the mean and scale that standardize the views of some rows: to mean 0 and a root mean
 * square length of `length`. All features share one scale, because a few images do not show how
 * much each feature varies.
 */
export function standardOf(features: Features, rows: readonly number[], length: number): Standard {
  const sum = new Float64Array(features.length);
  const view = new Float32Array(features.length);
  let [squares, count] = [0, 0];
  for (const row of rows) {
    for (let i = 0; i < features.viewsOf(row); i++) {
      features.read(row, i, view);
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
