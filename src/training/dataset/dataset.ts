/** Dataset: labeled images, in any of the forms that users can pass. Nothing is decoded here. */
import { OptionsError, describe } from '../../errors';
import { SIGNAL, checkOptions, integer, rule, type Rules } from '../../platform/checkOptions';
import type { ImageInput } from '../../preprocessing/imageInput';
import { snapshot } from '../../preprocessing/image';
import { isKind } from '../../preprocessing/imageInput';
import { isObject } from '../../platform/typeGuards';
import { withoutDuplicates } from './duplicateImages';

/** One image and its class. */
export interface Example {
  image: ImageInput;
  /** The index of the class in `classes`. */
  label: number;
  /** What messages call it, such as a file's path. */
  name?: string | undefined;
}

/** An image, file or folder that was left out, and why. */
export interface DatasetProblem {
  name: string;
  /** A sentence. */
  error: string;
}

/** Labeled images. */
export interface Dataset<Name extends string = string> {
  classes: readonly Name[];
  examples: readonly Example[];
  /** What was left out, such as duplicates and files that are not images. */
  problems: readonly DatasetProblem[];
}

/** An image and the name of its class. */
export interface LabeledImage<Name extends string = string> {
  image: ImageInput;
  label: Name;
  /** What messages call it, such as a file's path. */
  name?: string | undefined;
}

/** The images of one class. */
export type Images = Iterable<ImageInput> | AsyncIterable<ImageInput>;

/**
 * Labeled images: `{ cat: images, dog: images }`, a list or a stream of `{ image, label }`, or a
 * dataset.
 */
export type DatasetInput<Name extends string = string> =
  | Dataset<Name>
  | Readonly<Record<Name, Images>>
  | Iterable<LabeledImage<Name>>
  | AsyncIterable<LabeledImage<Name>>;

/** Options of `toDataset`. */
export interface DatasetOptions {
  /** The beginning of error messages. @default 'dataset' */
  where?: string | undefined;
  /** The minimum number of classes; training needs two. @default 1 */
  minClasses?: number | undefined;
  /** Stops reading with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const RULES: Rules<DatasetOptions> = {
  where: rule('a string', (where) => typeof where === 'string'),
  minClasses: integer(1),
  signal: SIGNAL,
};

/**
 * Collects labeled images. Classes have the order of an object's keys, or of their first image in a
 * list. Of encoded images with the same bytes, the first is kept, and the others are listed in
 * `problems`. The images of a stream are copied as they arrive, so that a stream can draw all of
 * them on the same canvas; do not dispose a tensor before training has ended.
 *
 * @throws OptionsError for other input, no images, an empty class, too few classes, or two labels
 * that differ in case only.
 */
export async function toDataset<const Name extends string>(
  input: DatasetInput<Name>,
  options: DatasetOptions = {},
): Promise<Dataset<Name>> {
  checkOptions('toDataset', options, RULES);
  const { where = 'dataset', minClasses = 1, signal } = options;
  signal?.throwIfAborted();
  const collected = isDataset<Name>(input) ? input : await collect<Name>(input, where, signal);
  checkDataset(collected, where, minClasses);
  if (collected === input) return collected;
  const { kept, problems } = await withoutDuplicates(collected.examples, collected.classes, signal);
  const dataset = { classes: collected.classes, examples: kept, problems };
  checkDataset(dataset, where, minClasses); // a class may consist of duplicates only
  return dataset;
}

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  isObject(value) &&
  !ArrayBuffer.isView(value) &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

function isDataset<Name extends string>(value: unknown): value is Dataset<Name> {
  if (!isObject(value) || !Array.isArray(value.classes) || !Array.isArray(value.examples))
    return false;
  return value.examples.every(
    (example) => isObject(example) && 'image' in example && typeof example.label === 'number',
  );
}

const INPUTS = '{ label: images }, a list or stream of { image, label }, or a dataset';

async function collect<Name extends string>(
  input: unknown,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Dataset<Name>> {
  const classes: Name[] = [];
  const examples: Example[] = [];
  const indices = new Map<string, number>();
  const indexOf = (label: Name): number => {
    const known = indices.get(label);
    if (known !== undefined) return known;
    indices.set(label, classes.length);
    return classes.push(label) - 1;
  };
  /**
   * Adds an image. Images of a stream are copied: the stream may draw the next on the same canvas.
   */
  const add = async (
    { image, label, name }: LabeledImage<Name>,
    { fallbackName, copy }: { fallbackName: string; copy: boolean },
  ) => {
    signal?.throwIfAborted();
    examples.push({
      image: copy ? await snapshot(image) : image,
      label: indexOf(label),
      name: name ?? nameOf(image) ?? fallbackName,
    });
  };

  if (isIterable(input)) {
    let i = 0;
    for await (const entry of input) {
      const { image, label, name } = (isObject(entry) ? entry : {}) as Partial<LabeledImage<Name>>;
      if (image === undefined || typeof label !== 'string') {
        throw new OptionsError(
          `${where}: entry ${i} of a list must be { image, label } with a string as label, got ${describe(label === undefined ? entry : label)}.`,
        );
      }
      await add(
        { image, label, name },
        { fallbackName: `image ${i}`, copy: !Array.isArray(input) },
      );
      i++;
    }
  } else if (
    isObject(input) &&
    !ArrayBuffer.isView(input) &&
    Object.keys(input).length > 0 &&
    !isKind(input, 'Blob', 'File')
  ) {
    for (const [label, images] of Object.entries(input)) {
      if (!isIterable(images)) {
        throw new OptionsError(
          `${where}: the class "${label}" must be a list of images, got ${describe(images)}. Pass ${INPUTS}.`,
        );
      }
      indexOf(label as Name);
      let i = 0;
      for await (const image of images) {
        await add(
          { image: image as ImageInput, label: label as Name },
          { fallbackName: `${label} ${i}`, copy: !Array.isArray(images) },
        );
        i++;
      }
    }
  } else throw new OptionsError(`${where}: images must be ${INPUTS}, got ${describe(input)}.`);
  return { classes, examples, problems: [] };
}

/** Returns the path of an image's file, or its URL. */
function nameOf(image: ImageInput): string | undefined {
  if (isKind<File>(image, 'File')) return image.webkitRelativePath || image.name || undefined;
  return (typeof image === 'string' || isKind<URL>(image, 'URL')) &&
    !String(image).startsWith('data:')
    ? String(image)
    : undefined;
}

/** Returns a label without case and surrounding blanks, in which labels must not differ only. */
export const normalizeLabel = (label: string): string =>
  label.normalize('NFC').trim().toLowerCase();

/** Returns what is wrong with the names of classes, one sentence per problem. */
export function labelProblems(classes: readonly unknown[]): string[] {
  const wrong: string[] = [];
  const seen = new Map<string, string>();
  for (const label of classes) {
    const twin = typeof label === 'string' ? seen.get(normalizeLabel(label)) : undefined;
    if (typeof label !== 'string' || label.trim() === '')
      wrong.push(`a label must be a string, got ${describe(label)}.`);
    else if (twin === label)
      wrong.push(`labels must be unique, got "${label}" twice. Put its images together.`);
    else if (twin !== undefined)
      wrong.push(
        `labels must differ in more than case or blanks, got "${twin}" and "${label}". Give their images one label.`,
      );
    else seen.set(normalizeLabel(label), label);
  }
  return wrong;
}

/** @throws OptionsError listing everything that makes a dataset unusable. */
export function checkDataset(
  { classes, examples, problems }: Dataset,
  where: string,
  minClasses = 1,
): void {
  const wrong = labelProblems(classes);
  const counts = classes.map(() => 0);
  for (const [i, { label }] of examples.entries()) {
    if (counts[label] === undefined)
      wrong.push(
        `example ${i} must have a label from 0 to ${classes.length - 1}, got ${describe(label)}.`,
      );
    else counts[label]++;
  }
  const leftOut =
    problems.length > 0
      ? ` ${problems.length} were left out: ${problems[0]!.name}: ${problems[0]!.error}`
      : '';
  if (examples.length === 0)
    wrong.push(`there must be images, got none.${leftOut || ' Pass some of each class.'}`);
  else {
    const empty = classes.filter((_, i) => counts[i] === 0);
    for (const label of empty.slice(0, 5))
      wrong.push(
        `each class must have images, the class "${label}" has none. Add some, or leave the class out.${leftOut}`,
      );
    if (classes.length < minClasses) {
      wrong.push(
        `there must be images of ${minClasses} classes or more, got ${classes.length}: ${classes.join(', ')}. Add images of another class.`,
      );
    }
  }
  if (wrong.length > 0) throw new OptionsError(`${where}: ${wrong.join(' ')}`);
}
