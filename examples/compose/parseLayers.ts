/** parseLayers: parses a list of layers, one per line. Never evaluates the text. */

/** A layer, as in `conv1: conv2d { filters: 96, size: 11 }`. */
export interface ParsedLayer {
  /** From 1. */
  line: number;
  name: string;
  type: string;
  /** Numbers, or objects of numbers: `pad: { right: 3 }`. */
  options: Readonly<Record<string, OptionValue>>;
}
export type OptionValue = number | Readonly<Record<string, number>>;

/** An error in a line. */
export interface LineProblem {
  /** From 1. */
  line: number;
  message: string;
}

class LineError extends Error {}

const NUMBER = /[+-]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][\w-]*/y;
const BLANK = /\s*/y;

/** Reads tokens of a line from left to right. */
class Reader {
  #position = 0;
  constructor(private readonly text: string) {}

  /** Reads a token if it matches the pattern. */
  read(pattern: RegExp): string | undefined {
    BLANK.lastIndex = this.#position;
    BLANK.exec(this.text);
    pattern.lastIndex = BLANK.lastIndex;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#position = pattern.lastIndex;
    return found;
  }

  readSymbol(symbol: string): boolean {
    return this.read(new RegExp(`\\${symbol}`, 'y')) !== undefined;
  }

  /** The rest of the line, for error messages. */
  get next(): string {
    const rest = this.text.slice(this.#position).trim();
    return rest === ''
      ? 'the line ends'
      : `found “${rest.length > 24 ? `${rest.slice(0, 23)}…` : rest}”`;
  }
}

/** Removes a comment, which starts with `//` or `#`. */
const withoutComment = (line: string) => line.replace(/(\/\/|#).*$/, '').trim();

/**
 * Returns the layers, and the problems of invalid lines. A layer without a name is named after its
 * type.
 */
export function parseLayers(text: string): { layers: ParsedLayer[]; problems: LineProblem[] } {
  const layers: ParsedLayer[] = [];
  const problems: LineProblem[] = [];
  const lineOf = new Map<string, number>();
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const content = withoutComment(raw);
    if (content === '') continue;
    const line = i + 1;
    try {
      const { name, ...rest } = parseLine(content);
      const own = name ?? uniqueName(rest.type, lineOf);
      if (lineOf.has(own))
        throw new LineError(
          `The name “${own}” is already used in line ${lineOf.get(own)}. Choose another name.`,
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
    const found = reader.read(WORD);
    if (found === undefined)
      throw new LineError(`${what} must be a word of letters and digits, but ${reader.next}.`);
    return found;
  };
  const first = word('The layer');
  const name = reader.readSymbol(':') ? first : undefined;
  const type = name === undefined ? first : word('The layer type after “:”');
  const bracket = reader.readSymbol('(');
  const options = reader.readSymbol('{') ? parseOptions(reader, type) : {};
  if (bracket && !reader.readSymbol(')')) {
    throw new LineError(
      `Code is not executed. Options must be numbers in braces: ${type} { … }. After “(”, ${reader.next}.`,
    );
  }
  reader.readSymbol(',');
  if (reader.next !== 'the line ends') {
    throw new LineError(
      `After ${type}, its options must follow in braces, as in “pool1: maxPool { size: 3, stride: 2 }”, but ${reader.next}.`,
    );
  }
  return { name, type, options };
}

/** Parses `key: value, key: value }`. */
function parseOptions(
  reader: Reader,
  layer: string,
  nested = false,
): Readonly<Record<string, OptionValue>> {
  const options = new Map<string, OptionValue>();
  while (!reader.readSymbol('}')) {
    const key = reader.read(WORD);
    if (key === undefined)
      throw new LineError(
        `The options of ${layer} must be “name: number” and end with “}”, but ${reader.next}.`,
      );
    if (key === 'type' || key === 'name')
      throw new LineError(`“${key}” is not an option. Start the line with “name: type”.`);
    if (options.has(key)) throw new LineError(`“${key}” is given twice.`);
    if (!reader.readSymbol(':'))
      throw new LineError(`After “${key}”, “:” and a number must follow, but ${reader.next}.`);
    options.set(key, parseValue(reader, key, nested));
    if (!reader.readSymbol(',') && !/^found “}/.test(reader.next)) {
      throw new LineError(`After “${key}”, “,” or “}” must follow, but ${reader.next}.`);
    }
  }
  return Object.fromEntries(options); // safe for the key “__proto__”
}

function parseValue(reader: Reader, key: string, nested: boolean): OptionValue {
  if (!nested && reader.readSymbol('{'))
    return parseOptions(reader, key, true) as Record<string, number>;
  const found = reader.read(NUMBER);
  if (found === undefined) throw new LineError(`“${key}” must be a number, but ${reader.next}.`);
  return Number(found.replaceAll('_', ''));
}

/** Returns `relu`, or `relu2`, `relu3` if the name is taken. */
function uniqueName(type: string, taken: ReadonlyMap<string, number>): string {
  let name = type;
  for (let i = 2; taken.has(name); i++) name = `${type}${i}`;
  return name;
}
