/** Reads the graph of an ONNX file. Its tensors are read on demand. */
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import {
  DECODERS,
  bytesOfRows,
  readRanges,
  within,
  type FileParts,
  type FileTensor,
} from './fileReader';
import { BufferedFile, fields, float, numbers, type Field } from './protobuf';

/** One node of the graph. */
export interface OnnxNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute = number | string | readonly number[];

/** A graph with its tensors unread. */
export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  /** The initializers, by name. */
  tensors: Map<string, FileTensor>;
  /** The input and its shape; 0 for a dimension without a fixed size. */
  input: { name: string; shape: readonly number[] };
  /** The model's metadata. */
  metadata: ReadonlyMap<string, string>;
}

type ByteRange = Pick<Field, 'start' | 'end'>;

/** A network of a hundred layers has about a thousand nodes. */
const MAX_NODES = 10_000;

/** The labels of 22,000 classes have 2 MB. */
const MAX_METADATA_BYTES = 16 * 1024 * 1024;

/** The .safetensors dtypes of TensorProto.DataType. */
const TYPES: Readonly<Record<number, string>> = { 1: 'F32', 10: 'F16', 11: 'F64', 16: 'BF16' };

/** A tensor in another file of the same folder: its position and size in bytes. */
interface ExternalData {
  tensor: string;
  location: string;
  offset: number;
  length: number | undefined;
  /** The number of bytes for its shape. */
  bytes: number;
}

/** The files that contain external data, by name. */
class ExternalFiles {
  private readonly opened = new Map<string, FileParts>();
  readonly data: ExternalData[] = [];
  constructor(private readonly file: FileParts) {}

  /** Opens the files. Returns what is wrong with them. */
  async open(): Promise<string[]> {
    const problems: string[] = [];
    for (const { tensor, location, offset, length, bytes } of this.data) {
      if (problems.length >= MAX_PROBLEMS) break;
      const { sibling } = this.file;
      if (!sibling) {
        problems.push(
          'must contain its tensors, got external data. Export it as one file: torch.onnx.export(…, external_data=False), or onnx.save_model(onnx.load(path), path).',
        );
        break;
      }
      if (!/^[^/\\:\0]+$/.test(location) || /^\.+$/.test(location)) {
        problems.push(
          `${tensor}: external data must be in a file in the same folder, got ${JSON.stringify(location.slice(0, 200))}.`,
        );
        continue;
      }
      const found = this.opened.get(location) ?? (await sibling.call(this.file, location));
      if (!found) {
        problems.push(
          `must have ${location} in the same folder, since its tensors are in that file. Put it there, or export one file: torch.onnx.export(…, external_data=False).`,
        );
        break;
      }
      this.opened.set(location, found);
      if ((length ?? bytes) !== bytes)
        problems.push(`${tensor}: must have ${bytes} bytes of external data, got ${length}.`);
      else if (!(offset + bytes <= found.size))
        problems.push(
          `${tensor}: ${location} must have at least ${offset + bytes} bytes, got ${found.size}. Is the file truncated?`,
        );
    }
    return problems;
  }

  read(location: string, ranges: readonly ByteRange[]): Promise<Uint8Array> {
    return readRanges(this.opened.get(location)!, ranges);
  }
}

/** The maximum number of reported problems. */
const MAX_PROBLEMS = 20;

/**
 * Reads the graph of an ONNX file.
 *
 * @throws WeightsError if the file has another format or is truncated, or a file of external
 * tensors is missing.
 */
export async function readOnnx(file: FileParts): Promise<OnnxGraph> {
  const buffer = new BufferedFile(file);
  const nodes: OnnxNode[] = [];
  const external = new ExternalFiles(file);
  const tensors = new Map<string, FileTensor>();
  const target = { tensors, external };
  const inputs: OnnxGraph['input'][] = [];
  const metadata = new Map<string, string>();
  try {
    for await (const model of fields(buffer, 0, file.size)) {
      if (model.number === 14 && model.wire === 2) await readMetadata(buffer, model, metadata); // ModelProto.metadata_props
      if (model.number !== 7 || model.wire !== 2) continue; // ModelProto.graph
      for await (const field of fields(buffer, model.start, model.end)) {
        if (field.wire !== 2) continue;
        if (field.number === 1) nodes.push(await readNode(buffer, field, target));
        else if (field.number === 5) await readTensor(buffer, field, target);
        else if (field.number === 11) inputs.push(await readInput(buffer, field));
        if (nodes.length > MAX_NODES || tensors.size > MAX_NODES)
          throw new Error(`it must have at most ${MAX_NODES} nodes and tensors`);
      }
    }
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(file.name, [`not an ONNX file, or truncated: ${reasonOf(error)}.`], {
      cause: error,
    });
  }
  const problems = await external.open();
  if (problems.length > 0) throw new WeightsError(file.name, problems);
  if (nodes.length === 0)
    throw new WeightsError(file.name, ['not an ONNX file, or truncated: it has no graph.']);
  const fed = inputs.filter(({ name }) => !tensors.has(name)); // old files list initializers among the inputs
  if (fed.length !== 1)
    throw new WeightsError(file.name, [
      `the graph must have one input, the image, got ${fed.length}.`,
    ]);
  return { nodes, tensors, input: fed[0]!, metadata };
}

/** StringStringEntryProto: key and value are 1 and 2. */
async function readMetadata(
  buffer: BufferedFile,
  { start, end }: ByteRange,
  metadata: Map<string, string>,
): Promise<void> {
  let [key, value] = ['', ''];
  for await (const field of fields(buffer, start, end)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) key = await buffer.text(field);
    else if (field.number === 2) value = await buffer.text(field, MAX_METADATA_BYTES);
  }
  metadata.set(key, value);
}

/** Receives the tensors of a graph. */
interface TensorTarget {
  tensors: Map<string, FileTensor>;
  external: ExternalFiles;
}

async function readNode(
  buffer: BufferedFile,
  { start, end }: ByteRange,
  target: TensorTarget,
): Promise<OnnxNode> {
  const node = {
    op: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: new Map<string, OnnxAttribute>(),
  };
  const attributes: ByteRange[] = [];
  for await (const field of fields(buffer, start, end)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) node.inputs.push(await buffer.text(field));
    else if (field.number === 2) node.outputs.push(await buffer.text(field));
    else if (field.number === 4) node.op = await buffer.text(field);
    else if (field.number === 5) attributes.push(field);
  }
  for (const attribute of attributes) {
    const [name, value] = await readAttribute(buffer, attribute);
    if (typeof value !== 'object' || !('start' in value)) node.attributes.set(name, value);
    else if (node.op === 'Constant' && node.outputs[0])
      await readTensor(buffer, value, target, node.outputs[0]);
  }
  return node;
}

/**
 * AttributeProto: name, f, i, s, t are 1 to 5, floats and ints 7 and 8. A tensor is returned as its
 * range of bytes.
 */
async function readAttribute(
  buffer: BufferedFile,
  { start, end }: ByteRange,
): Promise<[string, OnnxAttribute | ByteRange]> {
  let name = '';
  let value: OnnxAttribute | ByteRange = [];
  const ints: number[] = [];
  for await (const field of fields(buffer, start, end)) {
    if (field.number === 1 && field.wire === 2) name = await buffer.text(field);
    else if (field.number === 2 && field.wire === 5) value = await float(buffer, field);
    else if (field.number === 3 && field.wire === 0) value = field.value;
    else if (field.number === 4 && field.wire === 2) value = await buffer.text(field, 65536);
    else if (field.number === 5 && field.wire === 2) value = field;
    else if (field.number === 8) ints.push(...(await numbers(buffer, field)));
  }
  return [name, ints.length > 0 ? ints : value];
}

/** ValueInfoProto: name is 1, type 2 > tensor_type 1 > shape 2 > dim 1 > dim_value 1. */
async function readInput(
  buffer: BufferedFile,
  { start, end }: ByteRange,
): Promise<OnnxGraph['input']> {
  let name = '';
  const shape: number[] = [];
  for await (const info of fields(buffer, start, end)) {
    if (info.number === 1 && info.wire === 2) name = await buffer.text(info);
    if (info.number !== 2 || info.wire !== 2) continue;
    for await (const type of fields(buffer, info.start, info.end)) {
      if (type.number !== 1 || type.wire !== 2) continue;
      for await (const tensor of fields(buffer, type.start, type.end)) {
        if (tensor.number !== 2 || tensor.wire !== 2) continue;
        for await (const dim of fields(buffer, tensor.start, tensor.end)) {
          if (dim.number !== 1 || dim.wire !== 2) continue;
          let size = 0;
          for await (const field of fields(buffer, dim.start, dim.end))
            if (field.number === 1 && field.wire === 0) size = field.value;
          shape.push(size);
        }
      }
    }
  }
  return { name, shape };
}

/**
 * TensorProto: dims is 1, data_type 2, float_data 4, name 8, raw_data 9, double_data 10,
 * external_data 13, data_location 14, which is 1 for external data.
 */
async function readTensor(
  buffer: BufferedFile,
  { start, end }: ByteRange,
  { tensors, external }: TensorTarget,
  outputName?: string,
): Promise<void> {
  let name = outputName ?? '';
  let type = 0;
  let isExternal = false;
  const shape: number[] = [];
  const typed: Record<string, ByteRange[]> = { F32: [], F64: [] };
  const entries: ByteRange[] = [];
  let raw: ByteRange | undefined;
  for await (const field of fields(buffer, start, end)) {
    const { number, wire } = field;
    if (number === 1) shape.push(...(await numbers(buffer, field)));
    else if (number === 2 && wire === 0) type = field.value;
    else if (number === 4) typed.F32!.push(field);
    else if (number === 10) typed.F64!.push(field);
    else if (number === 8 && wire === 2) name = outputName ?? (await buffer.text(field));
    else if (number === 9 && wire === 2) raw = field;
    else if (number === 13 && wire === 2) entries.push(field);
    else if (number === 14) isExternal = field.value === 1;
  }
  const dtype = TYPES[type];
  if (!dtype) return; // integer tensors are shapes and axes; a missing kernel is reported by name
  const { bytes: width, decode } = DECODERS[dtype]!;
  const needed = sizeOf(shape) * width;
  if (isExternal) {
    const facts = new Map<string, string>();
    for (const entry of entries) await readMetadata(buffer, entry, facts);
    const location = facts.get('location') ?? '';
    const offset = Number(facts.get('offset') ?? 0);
    const length = facts.has('length') ? Number(facts.get('length')) : undefined;
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new Error(
        `${name} must have a non-negative offset in its external data, got ${offset}`,
      );
    external.data.push({ tensor: name, location, offset, length, bytes: needed });
    const values: FileTensor['values'] = async (rows) => {
      const range = rows ? bytesOfRows(shape, width, rows) : { start: 0, end: needed };
      return decode(
        await external.read(location, [{ start: offset + range.start, end: offset + range.end }]),
      );
    };
    tensors.set(name, { dtype, shape, values });
    return;
  }
  const parts = raw ? [raw] : (typed[dtype] ?? []);
  const bytes = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  if (bytes !== needed)
    throw new Error(
      `${name} of ${shape.join(' × ')} ${dtype} must have ${needed} bytes, got ${bytes}`,
    );
  const values: FileTensor['values'] = async (rows) =>
    decode(await readRanges(buffer.file, within(parts, rows && bytesOfRows(shape, width, rows))));
  tensors.set(name, { dtype, shape, values });
}
