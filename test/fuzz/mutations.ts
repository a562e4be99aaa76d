/** Arbitraries of fast-check for malformed files: valid files with a few changes. */
import fc, { type Arbitrary } from 'fast-check';
import { zipSync } from 'fflate';

export const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);
const latin = (characters: string) =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));

/** Pieces to insert into binary files: large lengths and special names. */
const SPLICES: readonly Uint8Array[] = [
  ...[
    '\xff\xff\xff\xff',
    '\xff\xff\xff\x7f',
    '\xff\xff\xff\xff\xff\xff\xff\xff',
    '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
    '\0\0\0\0',
  ],
  ...[
    '\x80\x80\x80\x80\x08',
    '__proto__',
    'constructor',
    '../../etc/x',
    '/etc/x',
    '\x1b[2J',
    'NaN',
    '1e308',
    '-1',
    'PK\x05\x06',
    'PK\x03\x04',
  ],
].map(latin);

/** `zipped` replaces this name by "__proto__", which fflate would not write. */
export const PROTO = '__prOto__';

/** Returns a zip of the files. */
export function zipped(files: Readonly<Record<string, Uint8Array>>, level: 0 | 9 = 9): Uint8Array {
  const zip = Buffer.from(zipSync({ ...files }, { level }));
  for (let at = zip.indexOf(PROTO); at >= 0; at = zip.indexOf(PROTO)) zip.write('__proto__', at);
  return new Uint8Array(zip);
}

interface Edit {
  kind: 'flip' | 'set' | 'cut' | 'remove' | 'splice' | 'repeat';
  at: number;
  fromEnd: boolean;
  value: number;
  length: number;
}

const edit: Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'cut', 'remove', 'splice', 'repeat'),
  // In the header, or anywhere.
  at: fc.oneof({ arbitrary: fc.nat(1500), weight: 3 }, { arbitrary: fc.nat(), weight: 1 }),
  fromEnd: fc.boolean(),
  value: fc.nat(255),
  length: fc.oneof(fc.nat(16), fc.nat(70_000)),
});

function edited(bytes: Uint8Array, { kind, at, fromEnd, value, length }: Edit): Uint8Array {
  const place =
    bytes.length === 0 ? 0 : fromEnd ? bytes.length - 1 - (at % bytes.length) : at % bytes.length;
  const end = Math.min(bytes.length, place + length);
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  if (kind === 'cut') return bytes.subarray(0, place);
  if (kind === 'remove') return joined(bytes.subarray(0, place), bytes.subarray(end));
  if (kind === 'splice') {
    const piece = SPLICES[value % SPLICES.length]!;
    const over = length % 2 ? piece.length : 0; // overwrite or insert
    return joined(
      bytes.subarray(0, place),
      piece,
      bytes.subarray(Math.min(bytes.length, place + over)),
    );
  }
  if (kind === 'repeat')
    return joined(bytes.subarray(0, end), bytes.subarray(place, end), bytes.subarray(end));
  const changed = bytes.slice();
  if (changed.length > 0)
    changed[place] = kind === 'set' ? value : changed[place]! ^ (1 << (value % 8));
  return changed;
}

/** Returns one of the files with a few changes. */
export const mutated = (files: readonly Uint8Array[]): Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([file, edits]) => edits.reduce(edited, file).subarray(0, 1024 * 1024));

/** Placeholders for values that JSON.stringify cannot write. */
const [DEEP, MANY, INFINITE] = ['\u{1}deep', '\u{1}many', '\u{1}infinite'];
const written: Record<string, string> = {
  [DEEP]: '['.repeat(50_000) + ']'.repeat(50_000),
  [MANY]: `[${'1,'.repeat(150_000)}1]`,
  [INFINITE]: '1e999',
};

const KEYS = ['__proto__', 'constructor', 'toString', 'prototype', 'length', '0', ''];
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    2 ** 31,
    2 ** 53,
    '',
    ...KEYS,
    '../x',
    '/etc/passwd',
    'C:\\x',
    '%2e%2e/x',
    '\u001b[2J',
  ],
  ...[
    'a'.repeat(5000),
    '*/ globalThis.fuzzed = true; /*',
    [],
    {},
    [[]],
    { toString: 1 },
    { constructor: { name: { toString: 1 } } },
  ],
  ...[JSON.parse('{"__proto__":{"fuzzed":1}}') as unknown, DEEP, MANY, INFINITE],
];

interface Change {
  kind: 'replace' | 'remove' | 'rename' | 'move' | 'again';
  at: number;
  value: number;
}

const change: Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'move', 'again'),
  at: fc.nat(100_000),
  value: fc.nat(100_000),
});

type Container = Record<string, unknown>;
const put = (container: Container, key: string, value: unknown) =>
  void Object.defineProperty(container, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  }); // including "__proto__"

/** Returns every position in a value that can be replaced. */
function places(value: unknown, found: [Container, string][] = []): [Container, string][] {
  if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      found.push([value as Container, key]);
      places((value as Container)[key], found);
    }
  }
  return found;
}

function changed(root: { json: unknown }, { kind, at, value }: Change): { json: unknown } {
  const all = places(root);
  const [container, key] = all[at % all.length]!;
  const [otherContainer, otherKey] = all[value % all.length]!;
  if (kind === 'replace') put(container, key, structuredClone(VALUES[value % VALUES.length]));
  else if (kind === 'move') put(container, key, structuredClone(otherContainer[otherKey]));
  else if (kind === 'again' && Array.isArray(container))
    container.push(structuredClone(container[Number(key)]));
  else if (kind === 'rename' && container !== root && !Array.isArray(container))
    put(container, KEYS[value % KEYS.length]!, container[key]);
  else if (kind === 'remove' && container !== root) {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
  }
  return root;
}

/** Returns one of the values with a few changes as JSON. */
export const mutatedJSON = (values: readonly unknown[]): Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...values), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([value, changes]) => {
      const { json } = changes.reduce(changed, { json: structuredClone(value) });
      return (JSON.stringify(json) ?? 'null').replace(
        /"\\u0001(deep|many|infinite)"/g,
        (_, name: string) => written[`\u{1}${name}`]!,
      );
    });
