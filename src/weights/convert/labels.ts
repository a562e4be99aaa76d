/** `readLabels`: reads class names, and WordNet IDs if present, from common file formats. */
import { OptionsError, describe, describeJson, reasonOf } from '../../errors';
import { isRecord } from '../../platform/typeGuards';
import type { Label } from '../format/manifest';
import { decodeText, splitColumns } from './labelText';

const WORDNET_ID = /^n\d{8}$/;

/**
 * Parses the labels of a set, in order. `file` is the text or the bytes (UTF-8 or UTF-16) of
 *
 * - a class per line: `n01440764 tench, Tinca tinca` (as in Caffe's synset_words.txt, where the
 *   first name is used), `tench`, or with an index before or after the name, by which they are
 *   sorted;
 * - a CSV or TSV with a header, or with a column of indices or of WordNet IDs;
 * - JSON: a list of names or of `{ label, id }`, `{ "0": "tench" }`, `{ "tench": 0 }`,
 *   `{ "0": ["n01440764", "tench"] }` (as in Keras' imagenet_class_index.json), or an object with
 *   such a list, as the model.json of a set or the config.json of Hugging Face.
 *
 * If several classes have the same name, their ID or index is appended. ImageNet's 1000 classes
 * must be sorted by ID.
 *
 * @param onNote is called with each assumption that was made, as a sentence
 * @throws OptionsError naming the first invalid line or entry.
 */
export function readLabels(
  file: string | Uint8Array,
  where: string,
  onNote: (note: string) => void = () => {},
): Label[] {
  const text = decodeText(file, where);
  const reader = { where, onNote };
  const named = /^\s*[[{]/.test(text) ? fromJSON(text, reader) : fromLines(text, reader);
  if (named.length === 0)
    throw new OptionsError(
      `${where}: must name at least one class, got none. Write one class per line.`,
    );
  const labels = withIds(named);
  const seen = new Map<string, number>();
  for (const [i, { id }] of labels.entries()) {
    if (seen.has(id))
      throw new OptionsError(
        `${where}: ids must be unique, got ${id} for classes ${seen.get(id)} and ${i}.`,
      );
    seen.set(id, i);
  }
  const ids = labels.map(({ id }) => id);
  if (labels.length === 1000 && ids.every((id) => WORDNET_ID.test(id))) {
    const wrong = ids.findIndex((id, i) => i > 0 && id < ids[i - 1]!);
    if (wrong > 0) {
      throw new OptionsError(
        `${where}: ImageNet's 1000 classes must be in the order of their WordNet IDs, got class ${wrong} (${ids[wrong]}) after ${ids[wrong - 1]}. Sort the lines by ID.`,
      );
    }
  }
  const distinct = withDistinctNames(labels);
  const changed = distinct.filter(({ label }, i) => label !== labels[i]!.label);
  if (changed.length > 0) {
    const shown = changed.slice(0, 6).map(({ label }) => `"${label}"`);
    onNote(
      `${where}: several classes have the same name; they are shown as ${shown.join(', ')}${changed.length > 6 ? ', …' : ''}.`,
    );
  }
  return distinct;
}

/** Throws an OptionsError unless there is one label per class. */
export function checkLabelCount(labels: readonly Label[], classes: number, where: string): void {
  if (labels.length !== classes) {
    throw new OptionsError(
      `${where}: labels must name all ${classes} classes of the network, in order, got ${labels.length}.`,
    );
  }
}

/** Appends the ID to names that several classes have: `crane (n02012849)`. */
export function withDistinctNames(labels: readonly Label[]): Label[] {
  const times = new Map<string, number>();
  for (const { label } of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return labels.map(({ label, id }) => {
    if (times.get(label) === 1) return { label, id };
    return { label: id.startsWith(label) ? id : `${label} (${id})`, id };
  });
}

/** The context that the readers of one file share. */
interface LabelReader {
  where: string;
  onNote: (note: string) => void;
}

/** A class as the file names it. */
interface Named {
  label: string;
  id?: string | undefined;
}

/** Parses a name, which may contain commas; only WordNet's are lists of names. */
const label = (id: string | undefined, names: string): Named => {
  const isWordNet = id !== undefined && WORDNET_ID.test(id);
  const first = (isWordNet ? names.split(',')[0]! : names).trim().replaceAll('_', ' ');
  return { label: first, id };
};

/**
 * Uses the name as the ID if there is none, with the index appended if the name is repeated.
 */
function withIds(classes: readonly Named[]): Label[] {
  const times = new Map<string, number>();
  for (const { label: name } of classes) times.set(name, (times.get(name) ?? 0) + 1);
  return classes.map(({ label: name, id }, i) => ({
    label: name,
    id: id ?? (times.get(name) === 1 ? name : `${name} ${i}`),
  }));
}

function fromLines(text: string, reader: LabelReader): Named[] {
  const { where } = reader;
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const table = fromTable(lines, reader);
  if (table) return table;
  const empty = lines.findIndex((line) => line.trim() === '');
  if (empty >= 0)
    throw new OptionsError(
      `${where}: line ${empty + 1} must name a class, got ${describeJson(lines[empty])}.`,
    );
  const rows = lines.map((line) => line.trim()); // trim(), since a pattern could take quadratic time
  const names =
    withoutIndices(rows, /^(\d{1,7})[\s:.)]\s*(\S.*)$/, 1, 2) ??
    withoutIndices(rows, /^(\S.*\S|\S)\s(\d{1,7})$/, 2, 1) ??
    rows;
  const places = names.every((name) => /^\/[a-z]\/./.test(name)); // /a/airfield, as in Places365
  return names.map((name, i) => {
    const [, id, rest] = /^(?:(n\d{8})\s+)?(.*)$/s.exec(name)!;
    if (!rest)
      throw new OptionsError(
        `${where}: line ${i + 1} must name a class, got ${describeJson(name)}.`,
      );
    return label(id, places ? rest.slice(3) : rest);
  });
}

/** Returns the names in the order of the indices in every line; undefined if some have none. */
function withoutIndices(
  lines: readonly string[],
  pattern: RegExp,
  index: number,
  name: number,
): string[] | undefined {
  if (lines.length < 2) return undefined;
  const matches = lines.map((line) => pattern.exec(line));
  if (!matches.every((match) => match !== null)) return undefined;
  const names = matches.map((match) => match![name]!);
  return sortedBy(
    names,
    matches.map((match) => Number(match![index])),
  );
}

/** Returns the values in the order of indices that count from 0 or 1; undefined for others. */
function sortedBy<T>(values: readonly T[], indices: readonly number[]): T[] | undefined {
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

/** Headers of columns of indices, of WordNet IDs, and of names, the best first. */
const HEADERS = {
  index: /^(index|idx|i|#|no|number|(class|label|category)[ _-]?(id|index|idx|no|number)|target)$/i,
  id: /^(wnid|synset([ _-]?id)?|wordnet[ _-]?id|folder)$/i,
  name: [
    /^(name|(class|label|category|display)[ _-]?names?|words)$/i,
    /^(labels?|class|classes|category|categories|names)$/i,
    /^(title|text|description|title)$/i,
  ],
} as const;

/** With more columns, the commas are part of a text. */
const MAX_COLUMNS = 32;

const isHeader = (text: string): boolean =>
  /^(id|key|value)$/i.test(text) ||
  HEADERS.index.test(text) ||
  HEADERS.id.test(text) ||
  HEADERS.name.some((pattern) => pattern.test(text));

/**
 * Reads rows of columns. Returns undefined unless there is a header, or a column of indices or of
 * WordNet IDs, because names may contain commas.
 */
function fromTable(lines: readonly string[], { where, onNote }: LabelReader): Named[] | undefined {
  for (const delimiter of ['\t', ';', ',']) {
    const rows = splitColumns(
      lines.filter((line) => line.trim() !== ''),
      delimiter,
    );
    const [first] = rows ?? [];
    if (!rows || !first) continue;
    const quoted = lines.every((line) => line.trim().startsWith('"'));
    const isCSV = /\.(csv|tsv)$/i.test(where);
    const hasHeader = rows.length > 1 && first.every(isHeader) && (first.length > 1 || isCSV);
    const header = hasHeader ? first : [];
    const body = hasHeader ? rows.slice(1) : rows;
    const width = body.reduce((most, row) => Math.max(most, row.length), 0);
    if (width > MAX_COLUMNS) continue;
    const columns = Array.from({ length: width }, (_, i) => body.map((row) => row[i] ?? ''));
    const index = columns.findIndex(
      (column) =>
        column.every((text) => /^\d{1,7}$/.test(text)) && sortedBy(column, column.map(Number)),
    );
    const id = columns.findIndex((column) => column.every((text) => WORDNET_ID.test(text)));
    if (!hasHeader && (width < 2 ? !quoted : index < 0 && id < 0)) {
      if (isCSV && width > 1 && body.every((row) => row.length === width)) {
        throw new OptionsError(
          `${where}: must have a header such as index,name, or a column of indices, since it has ${width} columns.`,
        );
      }
      continue;
    }
    const unordered = header.findIndex(
      (text, i) => HEADERS.index.test(text) && width > 1 && i !== index,
    );
    if (index < 0 && unordered >= 0 && unordered < width) {
      throw new OptionsError(
        `${where}: the column "${header[unordered]}" must have 0, 1, 2, …, each once.`,
      );
    }
    const others = columns.map((_, i) => i).filter((i) => i !== index && i !== id);
    const byHeader = HEADERS.name.flatMap((pattern) =>
      others.filter((i) => pattern.test(header[i] ?? '')),
    );
    const name =
      others.length === 1
        ? others[0]
        : (byHeader[0] ?? (id >= 0 && others.length === 0 ? id : undefined));
    if (name === undefined) {
      // 0,red wine, dry: the comma is part of the name
      if (!hasHeader && index === 0 && others.length > 1) {
        const names = lines.map((line) => line.slice(line.indexOf(delimiter) + 1).trim());
        return sortedBy(names, columns[0]!.map(Number))!.map((text) => label(undefined, text));
      }
      if (!hasHeader) continue;
      throw new OptionsError(
        `${where}: must have a column with names, such as "name", got ${header.map((text) => `"${text}"`).join(', ')}.`,
      );
    }
    if (hasHeader) onNote(`${where}: read the first line (${header.join(', ')}) as a header.`);
    const wrong = columns[name]!.findIndex((text) => text === '');
    if (wrong >= 0) {
      throw new OptionsError(
        `${where}: row ${wrong + 1 + (hasHeader ? 1 : 0)} must name a class, got none.`,
      );
    }
    const named = columns[name]!.map((text, i) =>
      label(id >= 0 ? columns[id]![i] : undefined, text),
    );
    return index >= 0 ? sortedBy(named, columns[index]!.map(Number))! : named;
  }
  return undefined;
}

/** Properties of an object that may contain its labels. */
const LISTS = ['labels', 'id2label', 'label2id', 'classes', 'class_names', 'names', 'categories'];

function fromJSON(text: string, { where }: LabelReader): Named[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    json = parsePythonDict(text);
    if (json === undefined)
      throw new OptionsError(
        `${where}: must be valid JSON, since it begins with [ or { (${reasonOf(error)}).`,
      );
  }
  if (isRecord(json)) {
    const record = json;
    const list = LISTS.find((key) => isRecord(record[key]) || Array.isArray(record[key]));
    if (list !== undefined) json = record[list];
  }
  const entries: [string, unknown][] = Object.entries(json as object);
  if (!Array.isArray(json) && entries.length > 0) {
    // { "tench": 0 }
    if (entries.every(([, value]) => typeof value === 'number')) {
      const names = sortedBy(
        entries.map(([key]) => key),
        entries.map(([, value]) => value as number),
      );
      if (!names)
        throw new OptionsError(
          `${where}: the numbers of the classes must be 0, 1, 2, …, each once.`,
        );
      return names.map((name) => label(undefined, name));
    }
    entries.sort(([a], [b]) => Number(a) - Number(b));
  }
  const named = entries.map(([key, entry], i) => {
    if (key !== String(i))
      throw new OptionsError(
        `${where}: keys must be 0, 1, 2, …, got ${describeJson(key)} for class ${i}.`,
      );
    return fromEntry(entry, i, where);
  });
  // [{ "id": 1, "name": "cat" }], as in COCO
  const indices = entries.map(([, entry]) => (isRecord(entry) ? (entry.index ?? entry.id) : NaN));
  return (indices.every((index) => typeof index === 'number') && sortedBy(named, indices)) || named;
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '';

function fromEntry(entry: unknown, i: number, where: string): Named {
  if (isText(entry)) return label(undefined, entry);
  if (Array.isArray(entry) && isText(entry[0]) && isText(entry[1]))
    return label(entry[0], entry[1]);
  if (isRecord(entry)) {
    const name = [entry.label, entry.name, entry.class].find(isText);
    const id = [entry.id, entry.wnid, entry.synset].find(isText);
    if (name !== undefined) return { label: name, id };
  }
  throw new OptionsError(
    `${where}: class ${i} must be a name, [id, name] or { label, id }, got ${describe(entry)}.`,
  );
}

/** Parses a dict printed by Python: `{0: 'tench, Tinca tinca', …`, one class per line. */
function parsePythonDict(text: string): Record<string, string> | undefined {
  const lines = text.trim().replace(/^\{/, '').replace(/\}$/, '').trim().split(/\r?\n/);
  const dict: Record<string, string> = {};
  for (const line of lines) {
    const match = /^(\d{1,7})\s*:\s*(?:'([^']*)'|"([^"]*)"),?$/.exec(line.trim());
    if (!match || match[1]! in dict) return undefined;
    dict[match[1]!] = match[2] ?? match[3]!;
  }
  return dict;
}
