/** fileName: a name that every file system accepts. */

/** Characters that a file system refuses, or that hide or reorder others. */
const MISLEADING =
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  /[/\\:*?"<>|\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Returns the name, without an extension, of at most 80 characters. */
export const fileName = (wanted: string): string =>
  wanted
    .replace(MISLEADING, '-')
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '')
    .trim()
    .slice(0, 80) || 'unnamed';
