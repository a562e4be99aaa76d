/** parse: a list of layers as text, one a line, into data. Words, numbers and braces are read; nothing is evaluated. */

/** A layer as its line says it: `conv1: conv2d { filters: 96, size: 11 }`. */
export interface ParsedLayer {
  /** From 1. */
  line: number;
  name: string;
  type: string;
  /** Numbers, or one level further down numbers by name: `pad: { right: 3 }`. */
  options: Readonly<Record<string, Value>>;
}
export type Value = number | Readonly<Record<string, number>>;

/** What is wrong with a line, in words. */
export interface Problem {
  /** From 1. */
  line: number;
  message: string;
}

class LineError extends Error {}

const NUMBER = /[+-]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][\w-]*/y;
const BLANK = /\s*/y;

/** What stands in a line, read from left to right. */
class Reader {
  #at = 0;
  constructor(private readonly text: string) {}

  /** The next piece that looks like this, if it does. */
  take(pattern: RegExp): string | undefined {
    BLANK.lastIndex = this.#at;
    BLANK.exec(this.text);
    pattern.lastIndex = BLANK.lastIndex;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  sign(sign: string): boolean {
    return this.take(new RegExp(`\\${sign}`, 'y')) !== undefined;
  }

  /** What comes next, for a message. */
  get next(): string {
    const rest = this.text.slice(this.#at).trim();
    return rest === ''
      ? 'the line ends'
      : `there is “${rest.length > 24 ? `${rest.slice(0, 23)}…` : rest}”`;
  }
}

/** A line without its comment, which `//` or `#` begins. */
const withoutComment = (line: string) => line.replace(/(\/\/|#).*$/, '').trim();

/** The layers and, for lines that cannot be read, the problems. A layer without a name of its own takes its type's. */
export function parse(text: string): { layers: ParsedLayer[]; problems: Problem[] } {
  const layers: ParsedLayer[] = [];
  const problems: Problem[] = [];
  const lineOf = new Map<string, number>();
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const content = withoutComment(raw);
    if (content === '') continue;
    const line = i + 1;
    try {
      const { name, ...rest } = parseLine(content);
      const own = name ?? freeName(rest.type, lineOf);
      if (lineOf.has(own))
        throw new LineError(
          `Line ${lineOf.get(own)} is called “${own}” already. Give this one another name.`,
        );
      lineOf.set(own, line);
      layers.push({ line, name: own, ...rest });
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push({ line, message: error.message });
    }
  }
  return { layers, problems };
}

function parseLine(content: string): {
  name: string | undefined;
  type: string;
  options: ParsedLayer['options'];
} {
  const reader = new Reader(content);
  const word = (what: string) => {
    const found = reader.take(WORD);
    if (found === undefined)
      throw new LineError(`${what} is a word of letters and digits, but ${reader.next}.`);
    return found;
  };
  const first = word('A layer');
  const name = reader.sign(':') ? first : undefined;
  const type = name === undefined ? first : word('The kind of layer behind “:”');
  const bracket = reader.sign('(');
  const options = reader.sign('{') ? parseOptions(reader, type) : {};
  if (bracket && !reader.sign(')')) {
    throw new LineError(
      `Nothing is run here: options are numbers in braces, ${type} { … }, but behind “(” ${reader.next}.`,
    );
  }
  reader.sign(',');
  if (reader.next !== 'the line ends') {
    throw new LineError(
      `Behind ${type} come its options in braces, as in “pool1: maxPool { size: 3, stride: 2 }”, but ${reader.next}.`,
    );
  }
  return { name, type, options };
}

/** Behind `{`: `key: value, key: value }`. */
function parseOptions(
  reader: Reader,
  owner: string,
  nested = false,
): Readonly<Record<string, Value>> {
  const options = new Map<string, Value>();
  while (!reader.sign('}')) {
    const key = reader.take(WORD);
    if (key === undefined)
      throw new LineError(
        `The options of ${owner} are “name: number” and end in “}”, but ${reader.next}.`,
      );
    if (key === 'type' || key === 'name')
      throw new LineError(`“${key}” is no option: the line begins “name: type”.`);
    if (options.has(key)) throw new LineError(`“${key}” is given twice.`);
    if (!reader.sign(':'))
      throw new LineError(`Behind “${key}” comes “:” and a number, but ${reader.next}.`);
    options.set(key, parseValue(reader, key, nested));
    if (!reader.sign(',') && !/^there is “}/.test(reader.next)) {
      throw new LineError(`Behind “${key}” comes “,” or “}”, but ${reader.next}.`);
    }
  }
  return Object.fromEntries(options); // defines them, so that “__proto__” is a name like any other
}

function parseValue(reader: Reader, key: string, nested: boolean): Value {
  if (!nested && reader.sign('{')) return parseOptions(reader, key, true) as Record<string, number>;
  const found = reader.take(NUMBER);
  if (found === undefined) throw new LineError(`“${key}” is a number, but ${reader.next}.`);
  return Number(found.replaceAll('_', ''));
}

/** `relu`, and of further ones `relu2`, `relu3`. */
function freeName(type: string, taken: ReadonlyMap<string, number>): string {
  let name = type;
  for (let i = 2; taken.has(name); i++) name = `${type}${i}`;
  return name;
}
