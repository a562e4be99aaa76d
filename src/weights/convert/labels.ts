/** `readLabels`: reads class names, and WordNet ids if there are any, from a text or JSON file. */
import { OptionsError, describe, describeJson, reasonOf } from '../../errors';
import type { Label } from '../format/manifest';

const WORDNET_ID = /^n\d{8}$/;

/**
 * Parses the labels of a set, in order. `text` has one class per line, `n01440764 tench, Tinca
 * tinca` (as in Caffe's synset_words.txt) or `tench`; or it is JSON: a list of names or of `{
 * label, id }`, `{ "0": ["n01440764", "tench"] }` (as in Keras' imagenet_class_index.json), or the
 * model.json of a set. If a class has several names, the first is used. ImageNet's 1000 classes
 * must be sorted by id.
 *
 * @throws OptionsError naming the first wrong line or entry.
 */
export function readLabels(text: string, where: string): Label[] {
  const labels = withIds(/^\s*[[{]/.test(text) ? fromJSON(text, where) : fromLines(text, where));
  if (labels.length === 0)
    throw new OptionsError(
      `${where}: must name at least one class, got none. Write one class per line.`,
    );
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
        `${where}: ImageNet's 1000 classes must be in the order of their WordNet ids, got class ${wrong} (${ids[wrong]}) after ${ids[wrong - 1]}. Sort the lines by id.`,
      );
    }
  }
  return labels;
}

/** Throws an OptionsError unless there is one label per class. */
export function checkLabelCount(labels: readonly Label[], classes: number, where: string): void {
  if (labels.length !== classes) {
    throw new OptionsError(
      `${where}: labels must name all ${classes} classes of the network, in order, got ${labels.length}.`,
    );
  }
}

/** A class as the file names it. */
interface Named {
  label: string;
  id?: string;
}

const label = (id: string | undefined, names: string): Named => {
  const first = names.split(',')[0]!.trim().replaceAll('_', ' ');
  return { label: first, ...(id === undefined ? {} : { id }) };
};

/**
 * Uses the name as id where there is none. Repeated names (ImageNet has two cranes and two
 * maillots) get their index appended.
 */
function withIds(classes: readonly Named[]): Label[] {
  const times = new Map<string, number>();
  for (const { label: name } of classes) times.set(name, (times.get(name) ?? 0) + 1);
  return classes.map(({ label: name, id }, i) => ({
    label: name,
    id: id ?? (times.get(name) === 1 ? name : `${name} ${i}`),
  }));
}

function fromLines(text: string, where: string): Named[] {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines.map((line, i) => {
    const [, id, names] = /^(?:(n\d{8})\s+)?(.*)$/s.exec(line.trim())!; // trim(), since a pattern would be quadratic in the whitespace
    if (!names)
      throw new OptionsError(
        `${where}: line ${i + 1} must name a class, got ${describeJson(line)}.`,
      );
    return label(id, names);
  });
}

function fromJSON(text: string, where: string): Named[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new OptionsError(
      `${where}: must be valid JSON, since it begins with [ or { (${reasonOf(error)}).`,
    );
  }
  if (!Array.isArray(json) && Array.isArray((json as { labels?: unknown }).labels))
    json = (json as { labels: unknown[] }).labels;
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '';
  const entries: [string, unknown][] = Object.entries(json as object);
  if (!Array.isArray(json)) entries.sort(([a], [b]) => Number(a) - Number(b));
  return entries.map(([key, entry], i) => {
    if (key !== String(i))
      throw new OptionsError(
        `${where}: keys must be 0, 1, 2, …, got ${describeJson(key)} for class ${i}.`,
      );
    if (isText(entry)) return label(undefined, entry);
    if (Array.isArray(entry) && isText(entry[0]) && isText(entry[1]))
      return label(entry[0], entry[1]);
    const { label: name, id } = (entry ?? {}) as { label?: unknown; id?: unknown };
    if (isText(name)) return { label: name, ...(isText(id) ? { id } : {}) };
    throw new OptionsError(
      `${where}: class ${i} must be a name, [id, name] or { label, id }, got ${describe(entry)}.`,
    );
  });
}
