/** Writes files of torch.save for tests, independently of the converter: the zip and the older format. */
import { zipSync } from 'fflate';

/** A tensor of a file: values of a storage of its own, by strides. */
export interface TorchTensor {
  shape: readonly number[];
  /** Bytes of the storage. */
  bytes: Uint8Array;
  /** @default FloatStorage */
  storage?: string;
  /** In values. @default contiguous */
  stride?: readonly number[];
}

/** A value of a pickle: dicts as objects, tuples as lists, or opcodes. */
export type Pickled =
  | { tensor: TorchTensor }
  | { opcodes: string }
  | { dict: Record<string, Pickled> }
  | readonly Pickled[]
  | string
  | number
  | boolean
  | null;

const latin1 = (characters: string): Uint8Array =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));
const uint32 = (value: number): string =>
  String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);

interface PicklerOptions {
  /** As Python 2 writes it: byte strings, CUDA's storages, a view's metadata. */
  old?: boolean;
}

/** Returns opcodes, and the storages of the tensors in them. */
function pickler({ old = false }: PicklerOptions) {
  const storages: TorchTensor[] = [];
  const text = (value: string) =>
    old ? `U${String.fromCharCode(value.length)}${value}` : `X${uint32(value.length)}${value}`;
  const integers = (numbers: readonly number[]) =>
    `(${numbers.map((each) => `J${uint32(each)}`).join('')}t`;
  const tensor = (value: TorchTensor): string => {
    const key = String(storages.push(value) - 1);
    const stride =
      value.stride ??
      value.shape.map((_, axis) => value.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const type = `c${old ? 'torch.cuda' : 'torch'}\n${value.storage ?? 'FloatStorage'}\n`;
    const id = `(${text('storage')}${type}${text(key)}${text(old ? 'cuda:0' : 'cpu')}J${uint32(value.bytes.length / 4)}${old ? 'N' : ''}tQ`;
    const view = `${id}K\0${integers(value.shape)}${integers(stride)}`;
    return old
      ? `ctorch._utils\n_rebuild_tensor\n(${view}tR`
      : `ctorch._utils\n_rebuild_tensor_v2\n(${view}\x89ccollections\nOrderedDict\n)RtR`;
  };
  const opcodes = (value: Pickled): string => {
    if (value === null) return 'N';
    if (typeof value === 'string') return text(value);
    if (typeof value === 'boolean') return value ? '\x88' : '\x89';
    if (typeof value === 'number')
      return `G${String.fromCharCode(...new Uint8Array(Float64Array.of(value).buffer).reverse())}`;
    if (Array.isArray(value)) return `(${(value as Pickled[]).map(opcodes).join('')}t`;
    if ('opcodes' in value) return value.opcodes;
    if ('tensor' in value) return tensor(value.tensor);
    const { dict } = value as { dict: Record<string, Pickled> };
    const items = Object.entries(dict).map(([key, each]) => text(key) + opcodes(each));
    return `ccollections\nOrderedDict\n)R(${items.join('')}u`;
  };
  return { storages, opcodes, text };
}

/** Returns a zip, as PyTorch writes it since 1.6. */
export function torchZip(root: Pickled, more: Record<string, string> = {}): Uint8Array {
  const { storages, opcodes } = pickler({});
  const pickle = latin1(`\x80\x02${opcodes(root)}.`);
  const files = Object.fromEntries([
    ['a/data.pkl', pickle],
    ['a/byteorder', latin1('little')],
    ...storages.map(({ bytes }, i) => [`a/data/${i}`, bytes]),
    ...Object.entries(more).map(([name, text]) => [`a/${name}`, latin1(text)]),
  ]) as Record<string, Uint8Array>;
  return zipSync(files, { level: 0 });
}

/** Returns a file as PyTorch before 1.6 wrote it, by Python 2 or 3. */
export function torchLegacy(
  root: Pickled,
  { old = false, bigEndian = false }: PicklerOptions & { bigEndian?: boolean } = {},
): Uint8Array {
  const { storages, opcodes, text } = pickler({ old });
  const machine = `}(${text('protocol_version')}M\xe9\x03${text('little_endian')}${bigEndian ? '\x89' : '\x88'}${text('type_sizes')}}u`;
  const body = opcodes(root);
  const keys = `](${storages.map((_, i) => text(String(i))).join('')}e`;
  const parts = [
    latin1(
      `\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02${machine}.\x80\x02${body}.\x80\x02${keys}.`,
    ),
  ];
  for (const { bytes, storage = 'FloatStorage' } of storages) {
    const width = { FloatStorage: 4, HalfStorage: 2, DoubleStorage: 8, LongStorage: 8 }[storage]!;
    const count = new Uint8Array(8);
    new DataView(count.buffer).setBigInt64(0, BigInt(bytes.length / width), true);
    parts.push(count, bytes);
  }
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
