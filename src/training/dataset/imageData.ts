/** Pictures as examples: kept as pixels, and cut out, mirrored and shifted in colour anew each time they are asked for. */
import { centralSquare, centreView, cutView, drawView, type Augmentation } from './augment';
import { ColourStatistics, type PrincipalColours } from './colorPca';
import type { Preprocessing } from '../../weights/format/preprocessing';
import { breather } from '../../platform/yieldToPage';
import type { TrainingData } from './trainingData';
import type { Model } from '../../model/model';
import { OptionsError, describe, suggest } from '../../errors';
import { toDataset, type DatasetInput, type DatasetProblem, type Example } from './dataset';
import { exampleName, readable } from '../fine-tune/featurePass';

/** What `pictures` may be told. */
export interface PictureOptions {
  /** What is drawn for each view; false shows the centre. @default the paper's crops, mirror images and colours */
  augment?: Augmentation | false | undefined;
  /** Principal colours that are known already. @default those of the pictures */
  colours?: PrincipalColours | undefined;
  /** Told of each picture as it is decoded. */
  onPicture?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Decoded pictures: the central square of each, a byte a value. */
export class PictureData implements TrainingData {
  readonly classes: number[] = [];
  readonly names: string[] = [];
  /** For each the index of its example. */
  readonly examples: number[] = [];
  readonly problems: DatasetProblem[] = [];
  readonly #squares: Uint8ClampedArray[] = [];
  readonly #statistics = new ColourStatistics();
  #colours: PrincipalColours | undefined;

  constructor(
    readonly preprocessing: Preprocessing,
    private readonly augmentation: Augmentation | false = {},
    colours?: PrincipalColours,
  ) {
    this.#colours = colours;
  }

  /** Keeps a decoded picture, as a square of levels from 0 to 255. */
  add(example: number, index: number, name: string, square: Float32Array): void {
    this.classes.push(index);
    this.names.push(name);
    this.examples.push(example);
    this.#squares.push(Uint8ClampedArray.from(square));
    this.#statistics.add(square);
  }

  /** The principal colours of all pictures, unless others were given. */
  get colours(): PrincipalColours {
    return (this.#colours ??= this.#statistics.principalColours());
  }

  inputs(examples: readonly number[], uniform: () => number): Float32Array {
    return this.#cut(examples, () =>
      this.augmentation === false
        ? centreView(this.preprocessing)
        : drawView(uniform, this.preprocessing, this.augmentation, this.colours),
    );
  }

  /** Some of the pictures, augmented as all are, or only their centres. */
  some(pictures: readonly number[], drawn: boolean): TrainingData {
    return {
      classes: pictures.map((picture) => this.classes[picture]!),
      inputs: (examples, uniform) => {
        const own = examples.map((example) => pictures[example]!);
        return drawn
          ? this.inputs(own, uniform)
          : this.#cut(own, () => centreView(this.preprocessing));
      },
    };
  }

  #cut(examples: readonly number[], view: () => ReturnType<typeof centreView>): Float32Array {
    const length = this.preprocessing.inputSize ** 2 * 3;
    const batch = new Float32Array(examples.length * length);
    examples.forEach((example, i) => {
      cutView(
        this.#squares[example]!,
        view(),
        this.preprocessing,
        batch.subarray(i * length, (i + 1) * length),
      );
    });
    return batch;
  }
}

/** Decodes pictures for training. Those that cannot be read are left out and named in `problems`. */
export async function decoded(
  examples: readonly Example[],
  preprocessing: Preprocessing,
  { augment = {}, colours, onPicture, signal }: PictureOptions = {},
): Promise<PictureData> {
  const all = new PictureData(preprocessing, augment, colours);
  const breathe = breather();
  for (const [i, example] of examples.entries()) {
    const pixels = await readable(example, i, all.problems, signal);
    if (pixels)
      all.add(i, example.label, exampleName(example, i), centralSquare(pixels, preprocessing));
    onPicture?.(i + 1, examples.length);
    await breathe();
  }
  return all;
}

/**
 * Labelled pictures as examples for `train()`: decoded, and augmented anew each time they are looked at. Labels are the model's.
 *
 * @throws OptionsError for a label that the model does not have.
 */
export async function pictures(
  input: DatasetInput,
  { labels, preprocessing }: Pick<Model, 'labels' | 'preprocessing'>,
  options: PictureOptions = {},
): Promise<PictureData> {
  const { classes, examples } = await toDataset(input, {
    where: 'pictures',
    signal: options.signal,
  });
  const indices = classes.map((label) => labels.indexOf(label));
  const unknown = classes.find((_, i) => indices[i]! < 0);
  if (unknown !== undefined)
    throw new OptionsError(
      `pictures: the model has no class ${describe(unknown)}. ${suggest(unknown, labels.slice(0, 20))}`,
    );
  const renumbered = examples.map((example) => ({ ...example, label: indices[example.label]! }));
  return decoded(renumbered, preprocessing, options);
}
