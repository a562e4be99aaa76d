/**
 * The error classes, and the parts of their messages. A message says where the error occurred, what
 * must hold, what was received, and what to do.
 */

/** The base class of all errors that this library throws. */
export class AlexNetError extends Error {
  override name = 'AlexNetError';
}

/** A shape that does not fit: of a layer's input, of an image tensor, or between two layers. */
export class ShapeError extends AlexNetError {
  override name = 'ShapeError';
}

/** An invalid option or argument. The operation was not started. */
export class OptionsError extends AlexNetError {
  override name = 'OptionsError';
}

/** Why an image cannot be used: the `code` of an ImageError. */
export type ImageErrorCode =
  /** The value is not one of the accepted kinds of image. */
  | 'not-an-image'
  /** Pixels or a tensor with the wrong shape or non-finite values, or a disposed tensor. */
  | 'invalid-pixels'
  /** There are no bytes or no pixels, as in an image or video that has not loaded yet. */
  | 'empty'
  /** The file is damaged, or its format is not supported on this platform. */
  | 'cannot-decode'
  /** The file or the element's pixels cannot be read. */
  | 'cannot-read'
  /** The URL cannot be fetched. */
  | 'fetch-failed'
  /** The canvas is tainted: its pixels come from another site that does not allow reading them. */
  | 'cross-origin'
  /** Decoding images in Node requires the package sharp, which is not installed. */
  | 'needs-sharp';

/** A value that is not an image, or an image that cannot be read or decoded. */
export class ImageError extends AlexNetError {
  override name = 'ImageError';

  /** The reason, as a constant that code can compare with. */
  readonly code: ImageErrorCode;
  /** The index of the image in the array that was passed. Undefined for a single image. */
  index?: number;

  constructor(
    /** The image's file name or URL, or "image". */
    readonly where: string,
    /** What is wrong with the image: the message without `where`. */
    readonly problem: string,
    { code, ...options }: ErrorOptions & { code: ImageErrorCode },
  ) {
    super(`${where}: ${problem}`, options);
    this.code = code;
  }
}

/** Limits the length of a message: a badly damaged file can have thousands of problems. */
const MAX_LISTED_PROBLEMS = 100;

const formatProblems = (problems: readonly string[]): string =>
  [
    ...problems.slice(0, MAX_LISTED_PROBLEMS),
    ...(problems.length > MAX_LISTED_PROBLEMS
      ? [`and ${problems.length - MAX_LISTED_PROBLEMS} more.`]
      : []),
  ]
    .map((problem) => `  - ${problem}`)
    .join('\n');

/** A set of weights that cannot be read. `problems` lists everything that is wrong with it. */
export class WeightsError extends AlexNetError {
  override name = 'WeightsError';

  constructor(
    /** The URL or name of the set. */
    readonly where: string,
    /** One sentence for each problem. */
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      problems.length === 1
        ? `${where}: ${problems[0]}`
        : `${where}: ${problems.length} problems.\n${formatProblems(problems)}`,
      options,
    );
  }
}

/** A backend that is missing or fails its self-test, or a model that is used after `dispose()`. */
export class BackendError extends AlexNetError {
  override name = 'BackendError';
}

/** Training that cannot continue, such as when the loss is no longer finite. */
export class TrainingError<Best = unknown> extends AlexNetError {
  override name = 'TrainingError';

  constructor(
    message: string,
    /**
     * Creates the model of the best epoch so far, which the caller disposes. Undefined if no epoch
     * was completed.
     */
    readonly best?: () => Best,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Returns the message of a thrown value in words. It need not be an Error: Emscripten throws objects
 * with a name and a number, scripts and workers report events, and `Promise.any` an AggregateError.
 */
export function reasonOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const { message, name, type, reason, errors } = thrown as Record<string, unknown>;
  const text = typeof message === 'string' ? message : '';
  if (Array.isArray(errors) && errors.length > 0)
    return `${text ? `${text}: ` : ''}${errors.map(reasonOf).join('; ')}`;
  if (text) return text;
  if (reason !== undefined && reason !== thrown) return reasonOf(reason);
  if (typeof type === 'string') return `${describe(thrown)} of type "${type}"`;
  return typeof name === 'string' && name ? name : describe(thrown);
}

/** Returns the message of a thrown value, with a period if it has no end punctuation. */
export const messageSentence = (thrown: unknown): string =>
  reasonOf(thrown).replace(/[^.?!]$/, '$&.');

/** Cuts a text of unknown length, so that messages stay readable. */
const short = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/**
 * Describes a value for the "got …" part of a message: `1.5`, `"cat"`, `an array of length 2`,
 * `a Blob`. At most 100 characters.
 */
export const describe = (value: unknown): string => short(inWords(value), 100);

function inWords(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value === 'symbol') return `the symbol ${String(value)}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const { constructor } = value; // in parsed JSON, it may be any value
  const name = typeof constructor === 'function' ? constructor.name : '';
  if (name && name !== 'Object') return `${/^([AEIO]|HTML)/.test(name) ? 'an' : 'a'} ${name}`;
  const keys = Object.keys(value).slice(0, 5);
  return keys.length > 0 ? `an object with ${keys.join(', ')}` : 'an empty object';
}

/** Formats a value from a file as JSON for the "got …" part of a message, up to 200 characters. */
export function describeJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // nested too deeply, or circular: described below
  }
  if (text === undefined) return describe(value);
  return short(text, 200);
}

/**
 * Returns the candidate with the smallest edit distance to `word`. Returns undefined if none is
 * close enough to be a typing error.
 */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
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
    .map((candidate) => ({
      candidate,
      edits: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.ceil(word.length / 3) ? best.candidate : undefined;
}

/**
 * Returns the end of a message about an unknown name: `Did you mean "conv5"? Known: conv1, …`. A
 * list of more than 250 characters is cut.
 */
export function suggest(word: string, candidates: readonly string[]): string {
  const match = closestMatch(word, candidates);
  return `${match ? `Did you mean "${match}"? ` : ''}Known: ${short(candidates.join(', '), 250) || 'none'}.`;
}
