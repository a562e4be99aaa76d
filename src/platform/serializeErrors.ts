/** Sends errors as data: the receiver gets an error of the same class, with the same message. */
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
export interface SerializedError {
  /** Its class; undefined for a thrown value that is not an error. */
  kind?: string;
  name: string;
  message: string;
  stack?: string | undefined;
  cause?: SerializedError;
  /** The data of an error of this package, such as a WeightsError's `problems`. */
  data?: object;
  /** Whether a TrainingError has a best model. */
  best?: boolean;
}

const CLASSES = {
  AlexNetError,
  BackendError,
  ImageError,
  OptionsError,
  ShapeError,
  TrainingError,
  WeightsError,
};
const BUILT_IN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

export function serializeError(thrown: unknown): SerializedError {
  const isError = thrown instanceof Error || thrown instanceof DOMException; // not the same in every browser
  if (!isError)
    return { name: 'Error', message: typeof thrown === 'string' ? thrown : describe(thrown) };
  const { name, message, stack, cause } = thrown as Error;
  return {
    kind: thrown instanceof DOMException ? 'DOMException' : name,
    ...{ name, message, stack },
    ...(cause instanceof Error ? { cause: serializeError(cause) } : {}),
    ...(thrown instanceof AlexNetError ? { data: dataOf(thrown) } : {}),
    ...(thrown instanceof TrainingError ? { best: thrown.best !== undefined } : {}),
  };
}

const dataOf = (error: AlexNetError): object =>
  Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'best'));

/** Restores the error. `best()` of a TrainingError calls `best`. */
export function deserializeError(sent: SerializedError, best?: () => unknown): Error {
  const error = restore(sent, best);
  if (sent.stack)
    Object.defineProperty(error, 'stack', {
      value: sent.stack,
      configurable: true,
      writable: true,
    });
  return error;
}

function restore(
  { kind, name, message, cause, data, best: hasBest }: SerializedError,
  best?: () => unknown,
): Error {
  const options = cause ? { cause: deserializeError(cause) } : undefined;
  if (kind === 'DOMException') return new DOMException(message, name);
  if (kind && kind in CLASSES) {
    const { prototype } = CLASSES[kind as keyof typeof CLASSES];
    const error = Object.setPrototypeOf(new Error(message, options), prototype) as AlexNetError;
    return Object.assign(error, data, hasBest && { best });
  }
  const BuiltIn = kind && kind in BUILT_IN ? BUILT_IN[kind as keyof typeof BUILT_IN] : Error;
  return Object.assign(new BuiltIn(message, options), BuiltIn.name === name ? {} : { name });
}

/**
 * What Comlink rejects with. The caller converts it to an error, because it knows the
 * implementation of `best()`.
 */
class Thrown {
  constructor(readonly error: SerializedError) {}
}

let installed = false;

/** Replaces Comlink's error handler, which loses the class of errors. */
export function sendErrorsAsData(): void {
  if (installed) return;
  installed = true;
  const standard = transferHandlers.get('throw')!;
  const handler: TransferHandler<{ value: unknown }, SerializedError> = {
    canHandle: (value): value is { value: unknown } => standard.canHandle(value),
    serialize: ({ value }) => [serializeError(value), []],
    deserialize: (sent) => {
      throw new Thrown(sent);
    },
  };
  transferHandlers.set('throw', handler as TransferHandler<unknown, unknown>);
}

/** Returns the error that Comlink's rejection contains. */
export const asError = (thrown: unknown, best?: () => unknown): unknown =>
  thrown instanceof Thrown ? deserializeError(thrown.error, best) : thrown;

/** Like asError, or an OptionsError for arguments that cannot be sent, such as functions. */
export function asCallError(thrown: unknown, method: string, best?: () => unknown): unknown {
  const cannotBeSent =
    (thrown instanceof DOMException && thrown.name === 'DataCloneError') ||
    thrown instanceof RangeError; // nested too deeply
  if (!cannotBeSent) return asError(thrown, best);
  return new OptionsError(
    `${method}: arguments must be values that can be sent to a worker, got one that cannot (${reasonOf(thrown)}). Remove functions and elements from them.`,
    { cause: thrown },
  );
}
