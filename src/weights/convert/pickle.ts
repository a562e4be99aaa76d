/**
 * Reads Python's pickle format without executing anything. Supports only the opcodes that a PyTorch
 * state dict needs and rejects all others.
 */

/** A name that the pickle would import, which is not done: `torch._utils _rebuild_tensor_v2`. */
export interface Global {
  kind: 'global';
  name: string;
}
/** A call that the pickle would make, which is not done. The caller interprets it by name. */
export interface PickledCall {
  kind: 'call';
  name: string;
  args: readonly Value[];
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

/** The names that a state dict may import. A pickle with any other, `os.system`, is rejected. */
const ALLOWED = new RegExp(
  '^(collections OrderedDict|torch\\._utils _rebuild_(tensor|tensor_v2|parameter)|torch (Float|Half|BFloat16|Double|Long|Int|Char|Byte|Bool)Storage' +
    '|torch Size|torch (device|float32|float16|bfloat16))$',
);

/** Shortens and escapes a name for an error message: it may contain terminal control codes. */
const printable = (name: string): string => JSON.stringify(name.slice(0, 80)).slice(1, -1);

/**
 * Returns the value that a pickle of protocol 2 to 5 describes.
 *
 * @throws Error for opcodes and names that a state dict does not need, and for truncated pickles.
 */
export function readPickle(bytes: Uint8Array): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder('utf-8', { fatal: true });
  const stack: Value[] = [];
  const marks: number[] = [];
  const memo = new Map<number, Value>();
  let at = 0;

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
    if (!ALLOWED.test(full)) {
      throw new Error(`it imports ${printable(`${module}.${name}`)}, which no state dict needs`);
    }
    return { kind: 'global', name: full };
  };
  const setItems = (items: readonly Value[]) => {
    const target = top();
    if (!(target instanceof Map))
      throw new Error(`byte ${at - 1} sets items of a value that is not a dict`);
    for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
  };
  const append = (items: readonly Value[]) => {
    const target = top();
    if (!Array.isArray(target))
      throw new Error(`byte ${at - 1} appends to a value that is not a list`);
    for (const item of items) target.push(item); // not spread: the number of arguments is limited
  };
  const call = (): Value => {
    const args = pop();
    const callee = pop();
    if (
      !Array.isArray(args) ||
      typeof callee !== 'object' ||
      callee === null ||
      !('kind' in callee) ||
      callee.kind !== 'global'
    ) {
      throw new Error(`byte ${at - 1} calls a value that is not a function`);
    }
    return callee.name === 'collections OrderedDict'
      ? new Map()
      : { kind: 'call', name: callee.name, args };
  };

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
    0x8a: () => void stack.push(long()), // LONG1
    0x47: () => void stack.push(view.getFloat64(take(8))), // BINFLOAT
    0x58: () => void stack.push(string(uint32())), // BINUNICODE
    0x8c: () => void stack.push(string(byte())), // SHORT_BINUNICODE
    0x7d: () => void stack.push(new Map()), // EMPTY_DICT
    0x5d: () => void stack.push([]), // EMPTY_LIST
    0x29: () => void stack.push([]), // EMPTY_TUPLE
    0x74: () => void stack.push(popMark()), // TUPLE
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
    0x51: () => void stack.push({ kind: 'persistent', id: pop() }), // BINPERSID
    0x52: () => void stack.push(call()), // REDUCE
    0x62: () => void pop(), // BUILD: an OrderedDict's attributes, which contain no tensors
  };
  function long(): number {
    const length = byte();
    const start = take(length);
    if (length > 8)
      throw new Error(`integers must have at most 8 bytes, got ${length} at byte ${start}`);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  for (;;) {
    const opcode = byte();
    if (opcode === 0x2e) return pop(); // STOP
    const execute = opcodes[opcode];
    if (!execute)
      throw new Error(
        `byte ${at - 1} is the opcode 0x${opcode.toString(16)}, which no state dict needs`,
      );
    execute();
  }
}
