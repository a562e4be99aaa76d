/** readLabels: the names of the classes from a file, with their WordNet ids where it has them. */
import { OptionsError, describe, describeJson, reasonOf } from '../../errors';
import type { Label } from '../format/manifest';

const WORDNET_ID = /^n\d{8}$/;

/**
 * The classes, in order. The text is a line a class, `n01440764 tench, Tinca tinca` (as Caffe's synset_words.txt) or `tench`, or JSON: a list
 * of names or of `{ label, id }`, `{ "0": ["n01440764", "tench"] }` (as Keras' imagenet_class_index.json), or the model.json of another set.
 * Of several names the first counts. ImageNet's 1000 classes stand in the order of their ids, which is checked.
 *
 * @throws OptionsError that says which line or entry is wrong.
 */
export function readLabels(text: string, where: string): Label[] {
  const labels = withIds(/^\s*[[{]/.test(text) ? fromJSON(text, where) : fromLines(text, where));
  if (labels.length === 0) throw new OptionsError(`${where}: names no class. Give a line a class.`);
  const seen = new Map<string, number>();
  for (const [i, { id }] of labels.entries()) {
    if (seen.has(id))
      throw new OptionsError(
        `${where}: class ${i} has the id ${id}, which is that of class ${seen.get(id)} too.`,
      );
    seen.set(id, i);
  }
  const ids = labels.map(({ id }) => id);
  if (labels.length === 1000 && ids.every((id) => WORDNET_ID.test(id))) {
    const wrong = ids.findIndex((id, i) => i > 0 && id < ids[i - 1]!);
    if (wrong > 0) {
      throw new OptionsError(
        `${where}: ImageNet's 1000 classes stand in the order of their WordNet ids, and class ${wrong} (${ids[wrong]}) comes after ${ids[wrong - 1]}. Sort the lines by their ids.`,
      );
    }
  }
  return labels;
}

/** How many classes, and whether they are ImageNet's, is a set's own to say. */
export function checkLabelCount(labels: readonly Label[], classes: number, where: string): void {
  if (labels.length !== classes) {
    throw new OptionsError(
      `${where}: the network has ${classes} classes, and the file names ${labels.length}. Give one for each, in order.`,
    );
  }
}

/** A class that the file gives no id. */
interface Named {
  label: string;
  id?: string;
}

const label = (id: string | undefined, names: string): Named => {
  const first = names.split(',')[0]!.trim().replaceAll('_', ' ');
  return { label: first, ...(id === undefined ? {} : { id }) };
};

/** Without an id, the name is one; ImageNet has two cranes and two maillots, whose place tells them apart. */
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
    const [, id, names] = /^(?:(n\d{8})\s+)?(.*)$/s.exec(line.trim())!; // trimmed first: a pattern would try each blank of a long line
    if (!names)
      throw new OptionsError(`${where}: line ${i + 1} names no class, got ${describeJson(line)}.`);
    return label(id, names);
  });
}

function fromJSON(text: string, where: string): Named[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new OptionsError(`${where}: begins as JSON and is none (${reasonOf(error)}).`);
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
        `${where}: class ${i} is missing; the keys are 0, 1, 2 …, got ${describeJson(key)}.`,
      );
    if (isText(entry)) return label(undefined, entry);
    if (Array.isArray(entry) && isText(entry[0]) && isText(entry[1]))
      return label(entry[0], entry[1]);
    const { label: name, id } = (entry ?? {}) as { label?: unknown; id?: unknown };
    if (isText(name)) return { label: name, ...(isText(id) ? { id } : {}) };
    throw new OptionsError(
      `${where}: class ${i} is a name, [id, name] or { label, id }, got ${describe(entry)}.`,
    );
  });
}
