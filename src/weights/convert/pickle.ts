/**
 * Reads Python's pickle format without executing anything: objects and calls become plain records.
 * A checkpoint contains more than a state dict; the rest is skipped.
 */

/** A name that the pickle would import; it is not imported: `torch._utils _rebuild_tensor_v2`. */
export interface Global {
  kind: 'global';
  name: string;
}
/**
 * A call that the pickle would make, or an object that it would create. It is not executed; the
 * caller interprets it by its name.
 */
export interface PickledCall {
  kind: 'call';
  /** The name of the function or class. */
  name: string;
  args: readonly Value[];
  /** The attributes that the object would get. */
  state?: Value;
  /** The items of an object that is a kind of dict. */
  items?: Map<Value, Value>;
}
/** A reference to data outside the pickle: the storage of a tensor. */
export interface Persistent {
  kind: 'persistent';
  id: Value;
}
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Map<Value, Value>
  | Global
  | PickledCall
  | Persistent;

/**
 * Modules whose functions only an attack imports. Nothing in a pickle is executed here, but such a
 * file must not be passed on as weights.
 */
const DANGEROUS = new RegExp(
  '^(os|posix|posixpath|nt|ntpath|sys|subprocess|commands|shutil|socket|pty|runpy|importlib|imp|ctypes|code|codeop|pip|webbrowser|' +
    'multiprocessing|asyncio|threading|signal|pdb|bdb|timeit|cProfile|profile|trace|tempfile|http|urllib|urllib2|requests|ssl|smtplib|ftplib|' +
    'marshal|types|gc|inspect|pickle|_pickle|dill|cloudpickle|operator|functools|builtins|__builtin__)(\\.|$)',
);
/** The exceptions: types of plain values. */
const HARMLESS = new RegExp(
  '^((builtins|__builtin__) (set|frozenset|dict|list|tuple|complex|bytearray|bytes|slice|range|xrange|object|int|long|float|bool|str|unicode)' +
    '|functools partial|operator (itemgetter|attrgetter)|types SimpleNamespace)$',
);
/** Classes that are read as a Map, with their items in the order of the file. */
const DICTS = /^collections (OrderedDict|defaultdict|Counter)$/;
/** Stands for a bytes object, whose contents are skipped. */
const BYTES = { kind: 'call', name: 'builtins bytes', args: [] } as const;

/** Shortens and escapes a name for an error message: it may contain terminal control codes. */
export const printable = (name: string): string => JSON.stringify(name.slice(0, 80)).slice(1, -1);

/**
 * Returns the value that a pickle of protocol 2 to 5 describes.
 *
 * @throws Error for opcodes that torch.save does not write, for names that only an attack imports,
 * and for truncated pickles.
 */
export const readPickle = (bytes: Uint8Array): Value => readPickleAt(bytes, 0).value;

/**
 * Like `readPickle`, for one of several consecutive pickles. Also returns the position after it.
 */
export function readPickleAt(bytes: Uint8Array, start: number): { value: Value; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder('utf-8', { fatal: true });
  const stack: Value[] = [];
  const marks: number[] = [];
  const memo = new Map<number, Value>();
  let at = start;

  const take = (length: number) => {
    if (length < 0 || at + length > bytes.length)
      throw new Error(`it ends unexpectedly at byte ${at}`);
    at += length;
    return at - length;
  };
  const byte = () => bytes[take(1)]!;
  const uint32 = () => view.getUint32(take(4), true);
  const string = (length: number) => {
    const start = take(length);
    return text.decode(bytes.subarray(start, start + length));
  };
  const line = () => {
    const end = bytes.indexOf(10, at);
    const found = string((end < 0 ? bytes.length : end) - at);
    take(1);
    return found;
  };
  const pop = (): Value => {
    if (stack.length <= (marks.at(-1) ?? 0))
      throw new Error(`byte ${at - 1} pops from an empty stack`);
    return stack.pop()!;
  };
  const top = (): Value => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw new Error(`byte ${at - 1} reads an empty stack`);
    return stack.at(-1)!;
  };
  const popMark = (): Value[] => {
    const mark = marks.pop();
    if (mark === undefined) throw new Error(`byte ${at - 1} needs a mark, and there is none`);
    return stack.splice(mark);
  };
  const recall = (index: number): Value => {
    if (!memo.has(index)) throw new Error(`byte ${at - 1} gets memo ${index}, which was not set`);
    return memo.get(index)!;
  };
  const global = (module: string, name: string): Global => {
    const full = `${module} ${name}`;
    if (DANGEROUS.test(module) && !HARMLESS.test(full)) {
      throw new Error(`it imports ${printable(`${module}.${name}`)}, which no state dict needs`);
    }
    return { kind: 'global', name: full };
  };
  const setItems = (items: readonly Value[]) => {
    const target = top();
    const dict = isCall(target) ? (target.items ??= new Map()) : target; // a class of its own
    if (!(dict instanceof Map))
      throw new Error(`byte ${at - 1} sets items of a value that is not a dict`);
    for (let i = 0; i + 1 < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
  };
  const append = (items: readonly Value[]) => {
    const target = top();
    if (isCall(target)) return; // a set, a deque or a class of its own: skipped
    if (!Array.isArray(target))
      throw new Error(`byte ${at - 1} appends to a value that is not a list`);
    for (const item of items) target.push(item); // not spread: the number of arguments is limited
  };
  const call = (callee: Value, args: Value): Value => {
    if (!Array.isArray(args) || !(isCall(callee) || isGlobal(callee)))
      throw new Error(`byte ${at - 1} calls a value that is not a function`);
    if (DICTS.test(callee.name)) return new Map();
    const [first] = args as readonly Value[];
    const reconstructed = /^copy_?reg _reconstructor$/.test(callee.name) && isGlobal(first);
    return { kind: 'call', name: reconstructed ? first.name : callee.name, args };
  };
  const reduce = () => {
    const args = pop();
    return call(pop(), args);
  };
  const build = () => {
    const state = pop();
    const target = top();
    if (isCall(target)) target.state = state; // an OrderedDict's attributes contain no tensors
  };
  const persistent = (id: Value): Value =>
    Array.isArray(id) && id[0] === 'module' && isGlobal(id[1] as Value) // a class, with its source
      ? (id[1] as Global)
      : { kind: 'persistent', id };
  const latin1 = (length: number) => {
    const from = take(length);
    let characters = ''; // what Python 2 wrote
    for (let i = from; i < from + length; i++) characters += String.fromCharCode(bytes[i]!);
    return characters;
  };
  const uint64 = () => Number(view.getBigUint64(take(8), true));
  const skipped = (length: number) => (take(length), BYTES);

  const opcodes: Record<number, () => void> = {
    0x80: () => void byte(), // PROTO
    0x95: () => void take(8), // FRAME
    0x28: () => void marks.push(stack.length), // MARK
    0x30: () => void pop(), // POP
    0x4e: () => void stack.push(null), // NONE
    0x88: () => void stack.push(true), // NEWTRUE
    0x89: () => void stack.push(false), // NEWFALSE
    0x4a: () => void stack.push(view.getInt32(take(4), true)), // BININT
    0x4b: () => void stack.push(byte()), // BININT1
    0x4d: () => void stack.push(view.getUint16(take(2), true)), // BININT2
    0x8a: () => void stack.push(long(byte())), // LONG1
    0x8b: () => void stack.push(long(uint32())), // LONG4
    0x47: () => void stack.push(view.getFloat64(take(8))), // BINFLOAT
    0x58: () => void stack.push(string(uint32())), // BINUNICODE
    0x8c: () => void stack.push(string(byte())), // SHORT_BINUNICODE
    0x8d: () => void stack.push(string(uint64())), // BINUNICODE8
    0x55: () => void stack.push(latin1(byte())), // SHORT_BINSTRING
    0x54: () => void stack.push(latin1(uint32())), // BINSTRING
    0x43: () => void stack.push(skipped(byte())), // SHORT_BINBYTES
    0x42: () => void stack.push(skipped(uint32())), // BINBYTES
    0x8e: () => void stack.push(skipped(uint64())), // BINBYTES8
    0x96: () => void stack.push(skipped(uint64())), // BYTEARRAY8
    0x7d: () => void stack.push(new Map()), // EMPTY_DICT
    0x5d: () => void stack.push([]), // EMPTY_LIST
    0x29: () => void stack.push([]), // EMPTY_TUPLE
    0x8f: () => void stack.push({ kind: 'call', name: 'builtins set', args: [] }), // EMPTY_SET
    0x90: () => append(popMark()), // ADDITEMS
    0x91: () => void stack.push({ kind: 'call', name: 'builtins frozenset', args: popMark() }), // FROZENSET
    0x74: () => void stack.push(popMark()), // TUPLE
    0x6c: () => void stack.push(popMark()), // LIST
    0x64() {
      const items = popMark(); // DICT
      stack.push(new Map());
      setItems(items);
    },
    0x31: () => void popMark(), // POP_MARK
    0x32: () => void stack.push(top()), // DUP
    0x85: () => void stack.push([pop()]), // TUPLE1
    0x86: () => void stack.push([pop(), pop()].reverse()), // TUPLE2
    0x87: () => void stack.push([pop(), pop(), pop()].reverse()), // TUPLE3
    0x61: () => append([pop()]), // APPEND
    0x65: () => append(popMark()), // APPENDS
    0x73: () => setItems([pop(), pop()].reverse()), // SETITEM
    0x75: () => setItems(popMark()), // SETITEMS
    0x71: () => void memo.set(byte(), top()), // BINPUT
    0x72: () => void memo.set(uint32(), top()), // LONG_BINPUT
    0x94: () => void memo.set(memo.size, top()), // MEMOIZE
    0x68: () => void stack.push(recall(byte())), // BINGET
    0x6a: () => void stack.push(recall(uint32())), // LONG_BINGET
    0x63: () => void stack.push(global(line(), line())), // GLOBAL
    0x93() {
      const [name, module] = [pop(), pop()]; // STACK_GLOBAL
      if (typeof module !== 'string' || typeof name !== 'string')
        throw new Error(`byte ${at - 1} imports a name that is not a string`);
      stack.push(global(module, name));
    },
    0x51: () => void stack.push(persistent(pop())), // BINPERSID
    0x52: () => void stack.push(reduce()), // REDUCE
    0x81: () => void stack.push(reduce()), // NEWOBJ
    0x92() {
      pop(); // NEWOBJ_EX: the arguments with names
      stack.push(reduce());
    },
    0x62: build, // BUILD
  };
  function long(length: number): number {
    const start = take(length);
    if (length > 8) return NaN; // the state of a random generator; no size has that many digits
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  for (;;) {
    const opcode = byte();
    if (opcode === 0x2e) return { value: pop(), end: at }; // STOP
    const execute = opcodes[opcode];
    if (!execute)
      throw new Error(
        `byte ${at - 1} is the opcode 0x${opcode.toString(16)}, which no state dict needs`,
      );
    execute();
  }
}

const hasKind = (value: Value | undefined, kind: string): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
export const isCall = (value: Value | undefined): value is PickledCall => hasKind(value, 'call');
export const isPersistent = (value: Value | undefined): value is Persistent =>
  hasKind(value, 'persistent');
export const isGlobal = (value: Value | undefined): value is Global => hasKind(value, 'global');
