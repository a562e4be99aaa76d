/**
 * Images as training examples: kept as pixels, and cropped, mirrored and shifted in color each time
 * they are read.
 */
import { ImageError, OptionsError, describe, suggest } from '../../errors';
import {
  BOOLEAN,
  CALLBACK,
  FROM_ZERO,
  SIGNAL,
  checkOptions,
  rule,
  type Rules,
} from '../../platform/checkOptions';
import { isPlain } from '../../platform/typeGuards';
import { createYielder } from '../../platform/yieldToPage';
import { toPixels } from '../../preprocessing/image';
import type { Pixels } from '../../preprocessing/pixels';
import type { Preprocessing } from '../../weights/format/preprocessing';
import {
  centerView,
  centralSquare,
  cutView,
  drawView,
  type Augmentation,
  type View,
} from './augment';
import { ColorStatistics, type PrincipalColors } from './colorPca';
import { toDataset, type DatasetInput, type DatasetProblem, type Example } from './dataset';
import type { TrainingData } from './trainingData';

/** Options of `imageData`. */
export interface ImageDataOptions {
  /**
   * What random views differ in; false for the center alone. @default the paper's crops, mirror
   * images and colors
   */
  augment?: Augmentation | false | undefined;
  /** Principal colors of the training set. @default those of the images */
  colors?: PrincipalColors | undefined;
  /** Called after each image is decoded. */
  onImage?: ((done: number, total: number) => void) | undefined;
  /** Stops with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const RULES: Rules<ImageDataOptions> = {
  augment: rule(
    'false or { crop, mirror, color }',
    (value: unknown) => value === false || isPlain(value),
  ),
  colors: rule(
    '{ vectors, values }, three of each',
    (value: unknown) =>
      isPlain(value) &&
      [value.vectors, value.values].every((list) => Array.isArray(list) && list.length === 3),
  ),
  onImage: CALLBACK,
  signal: SIGNAL,
};
const AUGMENT_RULES: Rules<Augmentation> = { crop: BOOLEAN, mirror: BOOLEAN, color: FROM_ZERO };

/** Decoded images for `train`. Keeps the central square of each, one byte per value. */
export class ImageTrainingData implements TrainingData {
  /** The class of each image, by index. */
  readonly classes: number[] = [];
  readonly names: string[] = [];
  /** The index of each image's example in the dataset. */
  readonly examples: number[] = [];
  /** Images that could not be read. */
  readonly problems: DatasetProblem[] = [];
  readonly #squares: Uint8ClampedArray[] = [];
  readonly #statistics = new ColorStatistics();
  #colors: PrincipalColors | undefined;

  constructor(
    readonly preprocessing: Preprocessing,
    private readonly augmentation: Augmentation | false = {},
    colors?: PrincipalColors,
  ) {
    this.#colors = colors;
  }

  /** Adds a decoded image: its central square, in levels of 0 to 255. */
  add(
    { example, label, name }: { example: number; label: number; name: string },
    square: Float32Array,
  ): void {
    this.classes.push(label);
    this.names.push(name);
    this.examples.push(example);
    this.#squares.push(Uint8ClampedArray.from(square));
    this.#statistics.add(square);
  }

  /** The given principal colors, or those of all images. */
  get colors(): PrincipalColors {
    return (this.#colors ??= this.#statistics.principalColors());
  }

  inputs(images: readonly number[], uniform: () => number): Float32Array {
    return this.#cut(images, () =>
      this.augmentation === false
        ? centerView(this.preprocessing)
        : drawView(uniform, this.preprocessing, this.augmentation, this.colors),
    );
  }

  /** Returns some of the images, with the same augmentation as all images or with none. */
  subset(images: readonly number[], { augment }: { augment: boolean }): TrainingData {
    return {
      classes: images.map((image) => this.classes[image]!),
      inputs: (examples, uniform) => {
        const chosen = examples.map((example) => images[example]!);
        return augment
          ? this.inputs(chosen, uniform)
          : this.#cut(chosen, () => centerView(this.preprocessing));
      },
    };
  }

  #cut(images: readonly number[], nextView: () => View): Float32Array {
    const length = this.preprocessing.inputSize ** 2 * 3;
    const batch = new Float32Array(images.length * length);
    images.forEach((image, i) => {
      const target = batch.subarray(i * length, (i + 1) * length);
      cutView(this.#squares[image]!, nextView(), this.preprocessing, target);
    });
    return batch;
  }
}

/** Returns the name of an example in messages. */
export const exampleName = ({ name }: Example, i: number): string => name ?? `image ${i}`;

/** Returns an image's pixels, or undefined if it cannot be read, and adds that to `problems`. */
export async function decodeExample(
  example: Example,
  i: number,
  problems: DatasetProblem[],
  signal: AbortSignal | undefined,
): Promise<Pixels | undefined> {
  try {
    return await toPixels(example.image, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImageError)) throw error;
    const name = exampleName(example, i);
    if (!problems.some((problem) => problem.name === name))
      problems.push({ name, error: error.problem });
    return undefined;
  }
}

/** Decodes images for training. Those that cannot be read are left out and listed in `problems`. */
export async function decodeImages(
  examples: readonly Example[],
  preprocessing: Preprocessing,
  { augment = {}, colors, onImage, signal }: ImageDataOptions = {},
): Promise<ImageTrainingData> {
  const data = new ImageTrainingData(preprocessing, augment, colors);
  const yieldIfDue = createYielder();
  for (const [i, example] of examples.entries()) {
    const pixels = await decodeExample(example, i, data.problems, signal);
    if (pixels) {
      const name = exampleName(example, i);
      data.add({ example: i, label: example.label, name }, centralSquare(pixels, preprocessing));
    }
    onImage?.(i + 1, examples.length);
    await yieldIfDue();
  }
  return data;
}

/**
 * Decodes labeled images for `train()`, which sees a new random view of an image in each epoch.
 * Labels must be the model's. Images that cannot be read are left out and listed in `problems`.
 *
 * @throws OptionsError for a label that the model does not have.
 */
export async function imageData(
  input: DatasetInput,
  { labels, preprocessing }: { labels: readonly string[]; preprocessing: Preprocessing },
  options: ImageDataOptions = {},
): Promise<ImageTrainingData> {
  const where = 'imageData';
  checkOptions(where, options, RULES);
  if (options.augment) checkOptions(`${where}: augment`, options.augment, AUGMENT_RULES);
  const { classes, examples } = await toDataset(input, { where, signal: options.signal });
  const indices = classes.map((label) => labels.indexOf(label));
  const unknown = classes.find((_, i) => indices[i]! < 0);
  if (unknown !== undefined) {
    throw new OptionsError(
      `${where}: labels must be classes of the model, got ${describe(unknown)}. ${suggest(unknown, labels.slice(0, 20))}`,
    );
  }
  const relabeled = examples.map((example) => ({ ...example, label: indices[example.label]! }));
  return decodeImages(relabeled, preprocessing, options);
}
