/** `readLabels`: reads class names, and WordNet IDs if present, from common file formats. */
import { OptionsError } from '../../errors';
import type { Label } from '../format/manifest';
import { labelsOfJSON } from './labelJSON';
import { labelsOfLines } from './labelLines';
import { WORDNET_ID, type LabelReader, type NamedClass } from './labelNames';
import { decodeText } from './labelText';

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
  const reader: LabelReader = { where, onNote };
  const named = /^\s*[[{]/.test(text) ? labelsOfJSON(text, reader) : labelsOfLines(text, reader);
  if (named.length === 0)
    throw new OptionsError(
      `${where}: must name at least one class, got none. Write one class per line.`,
    );
  const nameless = named.findIndex((each) => each.label === '');
  if (nameless >= 0)
    throw new OptionsError(`${where}: class ${nameless} must have a name, got none. Add one.`);
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

/**
 * Uses the name as the ID if there is none, with the index appended if the name is repeated.
 */
function withIds(classes: readonly NamedClass[]): Label[] {
  const times = new Map<string, number>();
  for (const { label: name } of classes) times.set(name, (times.get(name) ?? 0) + 1);
  return classes.map(({ label: name, id }, i) => ({
    label: name,
    id: id ?? (times.get(name) === 1 ? name : `${name} ${i}`),
  }));
}
