/** Reads labels from JSON, and from a dict printed by Python. */
import { OptionsError, describe, describeJson, reasonOf } from '../../errors';
import { isRecord } from '../../platform/typeGuards';
import { namedClass, sortedBy, type LabelReader, type NamedClass } from './labelNames';

/** Properties of an object that may contain its labels. */
const LISTS = ['labels', 'id2label', 'label2id', 'classes', 'class_names', 'names', 'categories'];

/** Reads a list of names or of objects, or an object that contains one. */
export function labelsOfJSON(text: string, { where }: LabelReader): NamedClass[] {
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
      return names.map((name) => namedClass(undefined, name));
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

function fromEntry(entry: unknown, i: number, where: string): NamedClass {
  if (isText(entry)) return namedClass(undefined, entry);
  if (Array.isArray(entry) && isText(entry[0]) && isText(entry[1]))
    return namedClass(entry[0], entry[1]);
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
