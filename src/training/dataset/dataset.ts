/** Dataset: labelled pictures, whichever way they were given. Nothing is decoded here. */
import { OptionsError, describe } from '../../errors';
import type { ImageInput } from '../../preprocessing/imageInput';
import { snapshot } from '../../preprocessing/image';
import { isKind } from '../../preprocessing/imageInput';
import { withoutDuplicates } from './duplicateImages';
import { isObject } from '../../platform/typeGuards';

/** One picture with the class that it shows. */
export interface Example {
  image: ImageInput;
  /** Index among the dataset's classes. */
  label: number;
  /** What messages call it: a file's path. */
  name?: string;
}

/** A picture, file or folder that was left out, and why. */
export interface DatasetProblem {
  name: string;
  /** A sentence. */
  error: string;
}

/** Labelled pictures. */
export interface Dataset<Name extends string = string> {
  classes: readonly Name[];
  examples: readonly Example[];
  /** What was left out: duplicates, and what is no picture. */
  problems: readonly DatasetProblem[];
}

/** A picture and the name of its class. */
export interface LabelledImage<Name extends string = string> {
  image: ImageInput;
  label: Name;
  /** What messages call it. */
  name?: string | undefined;
}

/** The pictures of one class. */
export type Pictures = Iterable<ImageInput> | AsyncIterable<ImageInput>;

/** Anything that labelled pictures may be given as: `{ cat: pictures, dog: pictures }`, a list or a stream of `{ image, label }`, a dataset. */
export type DatasetInput<Name extends string = string> =
  | Dataset<Name>
  | Readonly<Record<Name, Pictures>>
  | Iterable<LabelledImage<Name>>
  | AsyncIterable<LabelledImage<Name>>;

/** How a dataset is read. */
export interface DatasetOptions {
  /** What messages begin with. @default 'dataset' */
  where?: string | undefined;
  /** How many classes there must be: training needs two. @default 1 */
  minClasses?: number | undefined;
  /** Stops reading with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Collects labelled pictures. Classes come in the order of an object's keys, or in which a list first names them. Of encoded
 * pictures with the same bytes the first is kept, and the others are named in `problems`. What a stream gives is noted as it
 * is at that moment, so that it may draw every picture on the same canvas; a tensor must not be disposed before it was used.
 *
 * @throws OptionsError for what is none of these, for no pictures, an empty class, two labels that differ in case only, or too few classes.
 */
export async function toDataset<const Name extends string>(
  input: DatasetInput<Name>,
  { where = 'dataset', minClasses = 1, signal }: DatasetOptions = {},
): Promise<Dataset<Name>> {
  signal?.throwIfAborted();
  const collected = isDataset<Name>(input) ? input : await collect<Name>(input, where, signal);
  checkDataset(collected, where, minClasses);
  if (collected === input) return collected;
  const { kept, problems } = await withoutDuplicates(collected.examples, collected.classes, signal);
  const dataset = { classes: collected.classes, examples: kept, problems };
  checkDataset(dataset, where, minClasses); // a class may have had nothing but copies
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

const TAKES = '{ label: pictures }, a list or stream of { image, label }, or a dataset';

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
  const add = async (
    image: ImageInput,
    label: Name,
    fallback: string,
    name?: string,
    live = true,
  ) => {
    signal?.throwIfAborted();
    examples.push({
      image: live ? await snapshot(image) : image,
      label: indexOf(label),
      name: name ?? nameOf(image) ?? fallback,
    });
  };

  if (isIterable(input)) {
    let i = 0;
    for await (const entry of input) {
      const { image, label, name } = (isObject(entry) ? entry : {}) as Partial<LabelledImage<Name>>;
      if (image === undefined || typeof label !== 'string') {
        throw new OptionsError(
          `${where}: entry ${i} of a list is { image, label: text }, got ${describe(label === undefined ? entry : label)}.`,
        );
      }
      await add(image, label, `picture ${i}`, name, !Array.isArray(input));
      i++;
    }
  } else if (
    isObject(input) &&
    !ArrayBuffer.isView(input) &&
    Object.keys(input).length > 0 &&
    !isKind(input, 'Blob', 'File')
  ) {
    for (const [label, pictures] of Object.entries(input)) {
      if (!isIterable(pictures)) {
        throw new OptionsError(
          `${where}: the class "${label}" is a list of pictures, got ${describe(pictures)}. Pass ${TAKES}.`,
        );
      }
      indexOf(label as Name);
      let i = 0;
      for await (const image of pictures) {
        await add(
          image as ImageInput,
          label as Name,
          `${label} ${i}`,
          undefined,
          !Array.isArray(pictures),
        );
        i++;
      }
    }
  } else throw new OptionsError(`${where}: takes ${TAKES}; got ${describe(input)}.`);
  return { classes, examples, problems: [] };
}

/** What a picture calls itself: a file's path, an address. */
function nameOf(image: ImageInput): string | undefined {
  if (isKind<File>(image, 'File')) return image.webkitRelativePath || image.name || undefined;
  return (typeof image === 'string' || isKind<URL>(image, 'URL')) &&
    !String(image).startsWith('data:')
    ? String(image)
    : undefined;
}

/** What two labels that a reader takes for the same have in common. */
export const likeness = (label: string): string => label.normalize('NFC').trim().toLowerCase();

/** What is wrong with the names of classes, a sentence each. */
export function labelProblems(classes: readonly unknown[]): string[] {
  const wrong: string[] = [];
  const seen = new Map<string, string>();
  for (const label of classes) {
    const twin = typeof label === 'string' ? seen.get(likeness(label)) : undefined;
    if (typeof label !== 'string' || label.trim() === '')
      wrong.push(`a label is a text, got ${describe(label)}.`);
    else if (twin === label)
      wrong.push(`the label "${label}" stands twice. Put its pictures together.`);
    else if (twin !== undefined)
      wrong.push(
        `the labels "${twin}" and "${label}" differ in case or blanks only. Give their pictures one label.`,
      );
    else seen.set(likeness(label), label);
  }
  return wrong;
}

/** @throws OptionsError listing what keeps a dataset from being used. */
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
        `example ${i} has a label from 0 to ${classes.length - 1}, got ${describe(label)}.`,
      );
    else counts[label]++;
  }
  const leftOut =
    problems.length > 0
      ? ` ${problems.length} were left out: ${problems[0]!.name}: ${problems[0]!.error}`
      : '';
  if (examples.length === 0)
    wrong.push(`needs pictures, got none.${leftOut || ' Pass some of each class.'}`);
  else {
    const empty = classes.filter((_, i) => counts[i] === 0);
    for (const label of empty.slice(0, 5))
      wrong.push(
        `the class "${label}" has no pictures. Add some, or leave the class out.${leftOut}`,
      );
    if (classes.length < minClasses) {
      wrong.push(
        `needs pictures of ${minClasses} classes or more, got ${classes.length}: ${classes.join(', ')}. Add pictures of something else.`,
      );
    }
  }
  if (wrong.length > 0) throw new OptionsError(`${where}: ${wrong.join(' ')}`);
}
