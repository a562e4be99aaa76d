/** Type guards for values of unknown type: parsed JSON, and arguments. Also utility types. */

/** Like `Required`, but also removes `undefined` from the types of the options. */
export type Complete<Options> = { [Key in keyof Options]-?: Exclude<Options[Key], undefined> };

/** Whether a value is an object of any kind, including arrays but not functions. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whether a value is an object but not an array. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && !Array.isArray(value);

/**
 * Returns whether a value is one of the named kinds (`'Blob'`, `'ImageData'`, …). Compares names,
 * not classes, because another window or a test runner's sandbox has classes of its own.
 */
export const isKind = <T>(value: unknown, ...names: string[]): value is T =>
  names.some((name) => Object.prototype.toString.call(value) === `[object ${name}]`);

/** Whether a value is an address: a string or a URL. */
export const isAddress = (value: unknown): value is string | URL =>
  typeof value === 'string' || isKind(value, 'URL');

/** Whether a value is a plain object: not an array, Map, Date, Blob, … */
export const isPlain = (value: unknown): value is Record<string, unknown> =>
  isKind(value, 'Object');

/** Whether a value is an array of strings. */
export const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Whether a value is a SHA-256 in lowercase hexadecimal. */
export const isSha256 = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
