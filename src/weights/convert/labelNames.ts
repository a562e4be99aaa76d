/** Class names as read from a file, before IDs are added and equal names are distinguished. */

export const WORDNET_ID = /^n\d{8}$/;

/** The context that the readers of one file share. */
export interface LabelReader {
  where: string;
  onNote: (note: string) => void;
}

/** A class as the file names it. */
export interface NamedClass {
  label: string;
  id?: string | undefined;
}

/** Parses a name, which may contain commas; only WordNet's are lists of names. */
export const namedClass = (id: string | undefined, names: string): NamedClass => {
  const isWordNet = id !== undefined && WORDNET_ID.test(id);
  const first = (isWordNet ? names.split(',')[0]! : names).replaceAll('_', ' ').trim();
  return { label: first, id };
};

/** Returns the values in the order of indices that count from 0 or 1; undefined for others. */
export function sortedBy<T>(values: readonly T[], indices: readonly number[]): T[] | undefined {
  const start = indices.includes(0) ? 0 : 1;
  const sorted = new Array<T | undefined>(values.length).fill(undefined);
  for (const [i, index] of indices.entries()) {
    const at = index - start;
    if (!Number.isInteger(index) || at < 0 || at >= values.length || sorted[at] !== undefined)
      return undefined;
    sorted[at] = values[i];
  }
  return sorted as T[];
}
