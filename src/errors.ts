/** The error classes. Every message says where, the rule, what was got, and what to do. */

/** The base of every error this library throws, so that one `instanceof` tells them from others. */
export class AlexNetError extends Error {
  override name = 'AlexNetError';
}

/** A shape that does not fit: a layer's input, a tensor given as a picture, a composition that cannot be. */
export class ShapeError extends AlexNetError {
  override name = 'ShapeError';
}

/** An option or argument outside its range. Nothing was started. */
export class OptionsError extends AlexNetError {
  override name = 'OptionsError';
}

/** Why an image cannot be used; the `code` of an ImageError. */
export type ImageErrorCode =
  /** The value is none of the kinds of image that are accepted. */
  | 'not-an-image'
  /** Pixels or a tensor of the wrong shape or with values that are not finite, or a disposed tensor. */
  | 'invalid-pixels'
  /** No bytes, or no pixels (an image or a video that has not loaded yet). */
  | 'empty'
  /** The file is damaged, or its format cannot be decoded here. */
  | 'cannot-decode'
  /** The file, or the element's pixels, cannot be read. */
  | 'cannot-read'
  /** The URL cannot be fetched. */
  | 'fetch-failed'
  /** A tainted canvas: the pixels come from another site, which does not allow reading them. */
  | 'cross-origin'
  /** Decoding in Node needs the package sharp, which is not installed. */
  | 'needs-sharp';

/** An image that cannot be used: not an image, or one that cannot be decoded or read. */
export class ImageError extends AlexNetError {
  override name = 'ImageError';

  /** Why, as a constant to compare with. */
  readonly code: ImageErrorCode;
  /** The position of the image in the array that was passed; undefined when it was passed alone. */
  index?: number;

  constructor(
    /** Which image: its file name or URL, or "image". */
    readonly where: string,
    /** What is wrong with it: the message without `where`. */
    readonly problem: string,
    { code, ...options }: ErrorOptions & { code: ImageErrorCode },
  ) {
    super(`${where}: ${problem}`, options);
    this.code = code;
  }
}

/** A file of nothing but mistakes would make a message of megabytes. */
const TOLD = 100;

const listed = (problems: readonly string[]): string =>
  [
    ...problems.slice(0, TOLD),
    ...(problems.length > TOLD ? [`and ${problems.length - TOLD} more.`] : []),
  ]
    .map((problem) => `  - ${problem}`)
    .join('\n');

/** A set of weights that cannot be read: `problems` lists everything that is wrong with it, at once. */
export class WeightsError extends AlexNetError {
  override name = 'WeightsError';

  constructor(
    /** Where: the URL or name of the set. */
    readonly where: string,
    /** One sentence for each problem. */
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      problems.length === 1
        ? `${where}: ${problems[0]}`
        : `${where}: ${problems.length} problems.\n${listed(problems)}`,
      options,
    );
  }
}

/** A backend that is unknown, absent, fails its self-test, or a model used after `dispose()`. */
export class BackendError extends AlexNetError {
  override name = 'BackendError';
}

/** Training that cannot go on: its numbers grew out of all bounds. */
export class TrainingError<Best = unknown> extends AlexNetError {
  override name = 'TrainingError';

  constructor(
    message: string,
    /** Makes the model of the best epoch so far; undefined when no epoch was finished. Dispose it like any other. */
    readonly best?: () => Best,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The text of whatever was thrown: anything can be. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** The same as a sentence: texts of ours and of browsers end in a full stop, a question mark, or nothing. */
export const sentenceOf = (thrown: unknown): string => reasonOf(thrown).replace(/[^.?!]$/, '$&.');

/** What a value is, in a few words, for "got …" in a message: `1.5`, `"cat"`, `an array of length 2`, `a Blob`. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value === 'symbol') return `the symbol ${String(value)}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const { constructor } = value; // parsed JSON may have a property of this name that is no function
  const name = typeof constructor === 'function' ? constructor.name : '';
  if (name && name !== 'Object') return `${/^([AEIO]|HTML)/.test(name) ? 'an' : 'a'} ${name}`;
  const keys = Object.keys(value).slice(0, 5);
  return keys.length > 0 ? `an object with ${keys.join(', ')}` : 'an empty object';
}

/** A value of a file as JSON, for "got …" in a message: cut short, since it may be large, or nested deeper than JSON.stringify goes. */
export function excerpt(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // told of in other words
  }
  if (text === undefined) return describe(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** The candidate nearest to `word` by edit distance, when it is near enough to be a slip of the finger. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 100) return undefined;
  const distance = (a: string, b: string) => {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(
          row[j]! + 1,
          next[j - 1]! + 1,
          row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        );
      }
      row = next;
    }
    return row[b.length]!;
  };
  const ranked = candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best && best.far <= Math.ceil(word.length / 3) ? best.candidate : undefined;
}

/** `"conv9" is not …. Did you mean "conv5"? Known: …`: the tail of a message about an unknown name. */
export function suggest(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return `${near ? `Did you mean "${near}"? ` : ''}Known: ${candidates.join(', ')}.`;
}
