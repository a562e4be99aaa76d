/** What kind of platform object a value is. */

/**
 * Whether a value is one of the named kinds (`'Blob'`, `'ImageData'`, …). By name, not class: values of another window, or of a
 * test runner's sandbox, have classes of their own.
 */
export const is = <T>(value: unknown, ...names: string[]): value is T =>
  names.some((name) => Object.prototype.toString.call(value) === `[object ${name}]`);
