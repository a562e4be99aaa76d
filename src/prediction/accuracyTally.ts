/** Tally: counts right and wrong predictions, for evaluation. */
import type { Prediction } from './topK';

/** How often pictures of one class were taken for another. */
export interface Confusion {
  /** The class of the pictures. */
  actual: string;
  /** The class predicted for them. */
  predicted: string;
  count: number;
}

/** One class's share of right answers. */
export interface ClassAccuracy {
  label: string;
  pictures: number;
  /** Fractions. */
  top1: number;
  top5: number;
}

/** What `evaluate` answers. */
export interface Accuracy {
  /** Fraction of the pictures whose most probable class is theirs. The paper's top-1 error is 1 minus this. */
  top1: number;
  /** Fraction of the pictures whose class is among the five most probable. */
  top5: number;
  pictures: number;
  /** Most frequent first; of two alike, in the order of the classes. */
  confusions: Confusion[];
  /** In the order of the classes; only those that had pictures. */
  perClass: ClassAccuracy[];
}

/** Counts predictions, picture by picture. */
export class Tally {
  readonly #byClass = new Map<number, { top1: number; top5: number; pictures: number }>();
  readonly #confused = new Map<string, number>();

  constructor(private readonly labels: readonly string[]) {}

  /** One picture of class `actual`, with its five most probable classes, best first. */
  add(actual: number, predictions: readonly Pick<Prediction, 'index'>[]): void {
    const own = this.#byClass.get(actual) ?? { top1: 0, top5: 0, pictures: 0 };
    const best = predictions[0]!.index;
    own.pictures++;
    if (best === actual) own.top1++;
    else
      this.#confused.set(`${actual} ${best}`, (this.#confused.get(`${actual} ${best}`) ?? 0) + 1);
    if (predictions.slice(0, 5).some(({ index }) => index === actual)) own.top5++;
    this.#byClass.set(actual, own);
  }

  /** How often pictures of class `row` were taken for class `column`. */
  matrix(): number[][] {
    const counts = this.labels.map(() => this.labels.map(() => 0));
    for (const [actual, { top1 }] of this.#byClass) counts[actual]![actual] = top1;
    for (const [pair, count] of this.#confused) {
      const [actual, best] = pair.split(' ').map(Number) as [number, number];
      counts[actual]![best] = count;
    }
    return counts;
  }

  /** The counts so far as fractions. With no pictures, all are 0. */
  result(): Accuracy {
    const classes = [...this.#byClass.entries()].sort(([a], [b]) => a - b);
    const total = (key: 'top1' | 'top5' | 'pictures') =>
      classes.reduce((sum, [, own]) => sum + own[key], 0);
    const pictures = total('pictures');
    const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
    return {
      top1: share(total('top1'), pictures),
      top5: share(total('top5'), pictures),
      pictures,
      confusions: [...this.#confused]
        .map(([pair, count]) => ({ pair: pair.split(' ').map(Number) as [number, number], count }))
        .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
        .map(({ pair: [actual, predicted], count }) => ({
          actual: this.labels[actual]!,
          predicted: this.labels[predicted]!,
          count,
        })),
      perClass: classes.map(([index, own]) => ({
        label: this.labels[index]!,
        pictures: own.pictures,
        top1: own.top1 / own.pictures,
        top5: own.top5 / own.pictures,
      })),
    };
  }
}
