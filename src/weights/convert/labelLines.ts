/** Reads labels from lines of text: one class per line, or a table with columns. */
import { OptionsError, describeJson } from '../../errors';
import { WORDNET_ID, namedClass, sortedBy, type LabelReader, type NamedClass } from './labelNames';
import { splitColumns } from './labelText';

/** Reads a table if the lines form one, else one class per line. */
export function labelsOfLines(text: string, reader: LabelReader): NamedClass[] {
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
    return namedClass(id, places ? rest.slice(3) : rest);
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
function fromTable(
  lines: readonly string[],
  { where, onNote }: LabelReader,
): NamedClass[] | undefined {
  const filled = lines.filter((line) => line.trim() !== '');
  for (const delimiter of ['\t', ';', ',']) {
    const rows = splitColumns(filled, delimiter);
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
        const names = filled.map((line) => line.slice(line.indexOf(delimiter) + 1).trim());
        return sortedBy(names, columns[0]!.map(Number))!.map((text) => namedClass(undefined, text));
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
      namedClass(id >= 0 ? columns[id]![i] : undefined, text),
    );
    return index >= 0 ? sortedBy(named, columns[index]!.map(Number))! : named;
  }
  return undefined;
}
