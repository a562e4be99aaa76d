/** AccuracyMeter: counts right and wrong predictions. Returns accuracy and the confusion matrix. */
import type { Prediction } from './topK';

/** The number of images of one class that were classified as another. */
export interface Confusion {
  /** The class of the images. */
  actual: string;
  /** The class predicted for them. */
  predicted: string;
  count: number;
}

/** The accuracy on the images of one class. */
export interface ClassAccuracy {
  label: string;
  /** The number of images of this class. */
  images: number;
  /** Fraction in [0, 1]. */
  top1: number;
  /** Fraction in [0, 1]. */
  top5: number;
}

/** The accuracy on a set of images. */
export interface Accuracy {
  /**
   * Fraction of the images whose most probable class is right. The paper's top-1 error is 1 minus
   * this.
   */
  top1: number;
  /** Fraction of the images whose class is among the five most probable. */
  top5: number;
  /** The number of images. */
  images: number;
  /**
   * In order of frequency, the most frequent first; equally frequent ones in the order of the
   * classes.
   */
  confusions: Confusion[];
  /** In the order of the classes. Only classes with images. */
  perClass: ClassAccuracy[];
}

interface ClassCounts {
  top1: number;
  top5: number;
  images: number;
}

/** Counts predictions, image by image. */
export class AccuracyMeter {
  readonly #classes = new Map<number, ClassCounts>();
  /** Counts of wrong predictions, by `actual` and `predicted` separated by a space. */
  readonly #confusions = new Map<string, number>();

  constructor(private readonly labels: readonly string[]) {}

  /** Adds an image of class `actual`, with its five most probable classes, best first. */
  add(actual: number, predictions: readonly Pick<Prediction, 'index'>[]): void {
    const counts = this.#classes.get(actual) ?? { top1: 0, top5: 0, images: 0 };
    const predicted = predictions[0]!.index;
    counts.images++;
    if (predicted === actual) counts.top1++;
    else {
      const pair = `${actual} ${predicted}`;
      this.#confusions.set(pair, (this.#confusions.get(pair) ?? 0) + 1);
    }
    if (predictions.slice(0, 5).some(({ index }) => index === actual)) counts.top5++;
    this.#classes.set(actual, counts);
  }

  /** Returns numbers of images: `matrix[actual][predicted]`. */
  confusionMatrix(): number[][] {
    const matrix = this.labels.map(() => this.labels.map(() => 0));
    for (const [actual, { top1 }] of this.#classes) matrix[actual]![actual] = top1;
    for (const { actual, predicted, count } of this.#wrongPairs())
      matrix[actual]![predicted] = count;
    return matrix;
  }

  /** Returns the accuracy so far. Without images, all fractions are 0. */
  accuracy(): Accuracy {
    const classes = [...this.#classes].sort(([a], [b]) => a - b);
    const total = (key: keyof ClassCounts) =>
      classes.reduce((sum, [, counts]) => sum + counts[key], 0);
    const images = total('images');
    const fraction = (count: number) => (images === 0 ? 0 : count / images);
    return {
      top1: fraction(total('top1')),
      top5: fraction(total('top5')),
      images,
      confusions: this.#wrongPairs()
        .sort((a, b) => b.count - a.count || a.actual - b.actual || a.predicted - b.predicted)
        .map(({ actual, predicted, count }) => ({
          actual: this.labels[actual]!,
          predicted: this.labels[predicted]!,
          count,
        })),
      perClass: classes.map(([index, counts]) => ({
        label: this.labels[index]!,
        images: counts.images,
        top1: counts.top1 / counts.images,
        top5: counts.top5 / counts.images,
      })),
    };
  }

  #wrongPairs(): { actual: number; predicted: number; count: number }[] {
    return [...this.#confusions].map(([pair, count]) => {
      const [actual, predicted] = pair.split(' ').map(Number) as [number, number];
      return { actual, predicted, count };
    });
  }
}
