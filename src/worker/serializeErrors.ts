/** Errors across the border: of the same class, with the same text. */
import { transferHandlers, type TransferHandler } from 'comlink';
import {
  AlexNetError,
  BackendError,
  ImageError,
  OptionsError,
  ShapeError,
  TrainingError,
  WeightsError,
  describe,
  reasonOf,
} from '../errors';

/** An error as plain data. */
export interface SentError {
  /** Its class; undefined for what was thrown and is no error. */
  kind?: string;
  name: string;
  message: string;
  stack?: string | undefined;
  cause?: SentError;
  /** Of a WeightsError. */
  where?: string;
  problems?: readonly string[];
  /** Whether a TrainingError can make the best model so far. */
  best?: boolean;
  /** The fields of an ImageError. */
  image?: Pick<ImageError, 'where' | 'problem' | 'code' | 'index'>;
}

const CLASSES = { AlexNetError, BackendError, OptionsError, ShapeError };
const BUILT_IN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

export function sentError(thrown: unknown): SentError {
  const isError = thrown instanceof Error || thrown instanceof DOMException; // not the same in every browser
  if (!isError)
    return { name: 'Error', message: typeof thrown === 'string' ? thrown : describe(thrown) };
  const { name, message, stack, cause } = thrown as Error;
  return {
    kind: thrown instanceof DOMException ? 'DOMException' : name,
    ...{ name, message, stack },
    ...(cause instanceof Error ? { cause: sentError(cause) } : {}),
    ...(thrown instanceof WeightsError ? { where: thrown.where, problems: thrown.problems } : {}),
    ...(thrown instanceof ImageError ? { image: imageFields(thrown) } : {}),
    ...(thrown instanceof TrainingError ? { best: thrown.best !== undefined } : {}),
  };
}

const imageFields = ({ where, problem, code, index }: ImageError) => ({
  ...{ where, problem, code },
  ...(index === undefined ? {} : { index }),
});

/** The error again. `best` is what a TrainingError's best() calls. */
export function receivedError(sent: SentError, best?: () => unknown): Error {
  const error = rebuilt(sent, best);
  if (sent.stack)
    Object.defineProperty(error, 'stack', {
      value: sent.stack,
      configurable: true,
      writable: true,
    });
  return error;
}

function rebuilt(
  { kind, name, message, cause, where, problems, image, best: hasBest }: SentError,
  best?: () => unknown,
): Error {
  const options = cause ? { cause: receivedError(cause) } : undefined;
  if (kind === 'DOMException') return new DOMException(message, name);
  if (kind === 'WeightsError') return new WeightsError(where ?? '', problems ?? [message], options);
  if (kind === 'TrainingError')
    return new TrainingError(message, hasBest ? best : undefined, options);
  if (image) {
    const error = new ImageError(image.where, image.problem, { ...options, code: image.code });
    return Object.assign(error, { index: image.index, message });
  }
  if (kind && kind in CLASSES) return new CLASSES[kind as keyof typeof CLASSES](message, options);
  const Known = kind && kind in BUILT_IN ? BUILT_IN[kind as keyof typeof BUILT_IN] : Error;
  return Object.assign(new Known(message, options), Known.name === name ? {} : { name });
}

/** What a call rejects with on the other side; the caller makes the error of it, since only it knows what a best() would be. */
class Thrown {
  constructor(readonly error: SentError) {}
}

let carried = false;

/** Has Comlink carry errors so, in place of its own handler, for which every error is an Error. */
export function carryErrors(): void {
  if (carried) return;
  carried = true;
  const own = transferHandlers.get('throw')!;
  const handler: TransferHandler<{ value: unknown }, SentError> = {
    canHandle: (value): value is { value: unknown } => own.canHandle(value),
    serialize: ({ value }) => [sentError(value), []],
    deserialize: (sent) => {
      throw new Thrown(sent);
    },
  };
  transferHandlers.set('throw', handler as TransferHandler<unknown, unknown>);
}

/** What Comlink threw, as an error. */
export const asError = (thrown: unknown, best?: () => unknown): unknown =>
  thrown instanceof Thrown ? receivedError(thrown.error, best) : thrown;

/** Whether a message could not be written down, as when an option holds a function. */
export const cannotCross = (method: string, thrown: unknown): OptionsError =>
  new OptionsError(
    `${method}: takes what can be sent to a worker, got something that cannot (${reasonOf(thrown)}). Leave functions and elements out of it.`,
    { cause: thrown },
  );
