/** fileName: a name that every file system accepts. */

/** Characters that a file system refuses, that are invisible, or that reorder the text. */
const MISLEADING =
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  /[/\\:*?"<>|\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Surrogate}]/gu;

/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Returns a file name of at most 60 characters, without an extension. */
export const fileName = (wanted: string): string =>
  Array.from(wanted.replace(MISLEADING, '-').replace(/^[.\s]+/, ''))
    .slice(0, 60)
    .join('')
    .replace(/[.\s]+$/, '')
    .replace(RESERVED, '$1-') || 'unnamed';
