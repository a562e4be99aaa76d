/** Reads an ONNX file: the nodes of its graph, and names and shapes of its initializers. A tensor is read when it is asked for. */
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, readPlaces, type FileParts, type FileTensor } from './fileReader';
import { Windowed, fields, float, numbers, type Field } from './protobuf';

/** One node of the graph. */
export interface OnnxNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute = number | string | readonly number[];

/** A graph, without its numbers. */
export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  /** The initializers, by name. */
  tensors: Map<string, FileTensor>;
  /** What it is fed with, and its shape; 0 where the file leaves a side open. */
  input: { name: string; shape: readonly number[] };
  /** The texts that the writer put beside it. */
  metadata: ReadonlyMap<string, string>;
}

type Place = Pick<Field, 'start' | 'end'>;

/** A network of some hundred layers has some thousand nodes. */
const MAX_NODES = 10_000;

/** Labels of 22,000 classes have two million bytes. */
const MAX_METADATA_BYTES = 16 * 1024 * 1024;

/** TensorProto.DataType by the types of .safetensors. */
const TYPES: Readonly<Record<number, string>> = { 1: 'F32', 3: 'I8', 10: 'F16', 16: 'BF16' };

/**
 * Reads the graph of an ONNX file.
 *
 * @throws WeightsError for a file that is none, is cut short, or keeps its tensors in a file beside it.
 */
export async function readOnnx(file: FileParts): Promise<OnnxGraph> {
  const window = new Windowed(file);
  const nodes: OnnxNode[] = [];
  const tensors = new Map<string, FileTensor>();
  const inputs: OnnxGraph['input'][] = [];
  const metadata = new Map<string, string>();
  try {
    for await (const model of fields(window, 0, file.size)) {
      if (model.number === 14 && model.wire === 2) await readMetadata(window, model, metadata); // ModelProto.metadata_props
      if (model.number !== 7 || model.wire !== 2) continue; // ModelProto.graph
      for await (const field of fields(window, model.start, model.end)) {
        if (field.wire !== 2) continue;
        if (field.number === 1) nodes.push(await readNode(window, field, tensors));
        else if (field.number === 5) await readTensor(window, field, tensors);
        else if (field.number === 11) inputs.push(await readInput(window, field));
        if (nodes.length > MAX_NODES || tensors.size > MAX_NODES)
          throw new Error(`it has more than ${MAX_NODES} nodes or tensors`);
      }
    }
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(file.name, [`not an ONNX file, or cut short: ${reasonOf(error)}.`], {
      cause: error,
    });
  }
  if (nodes.length === 0)
    throw new WeightsError(file.name, ['not an ONNX file, or cut short: it has no graph.']);
  const fed = inputs.filter(({ name }) => !tensors.has(name)); // old files list initializers among the inputs
  if (fed.length !== 1)
    throw new WeightsError(file.name, [
      `a network has one input, the picture; this one has ${fed.length}.`,
    ]);
  return { nodes, tensors, input: fed[0]!, metadata };
}

/** StringStringEntryProto: key and value are 1 and 2. */
async function readMetadata(
  window: Windowed,
  { start, end }: Place,
  metadata: Map<string, string>,
): Promise<void> {
  let [key, value] = ['', ''];
  for await (const field of fields(window, start, end)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) key = await window.text(field);
    else if (field.number === 2) value = await window.text(field, MAX_METADATA_BYTES);
  }
  metadata.set(key, value);
}

async function readNode(
  window: Windowed,
  { start, end }: Place,
  tensors: Map<string, FileTensor>,
): Promise<OnnxNode> {
  const node = {
    op: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: new Map<string, OnnxAttribute>(),
  };
  const places: Place[] = [];
  for await (const field of fields(window, start, end)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) node.inputs.push(await window.text(field));
    else if (field.number === 2) node.outputs.push(await window.text(field));
    else if (field.number === 4) node.op = await window.text(field);
    else if (field.number === 5) places.push(field);
  }
  for (const place of places) {
    const [name, value] = await readAttribute(window, place);
    if (typeof value !== 'object' || !('start' in value)) node.attributes.set(name, value);
    else if (node.op === 'Constant' && node.outputs[0])
      await readTensor(window, value, tensors, node.outputs[0]);
  }
  return node;
}

/** AttributeProto: name, f, i, s, t are 1 to 5, floats and ints 7 and 8. Of a tensor, its place. */
async function readAttribute(
  window: Windowed,
  { start, end }: Place,
): Promise<[string, OnnxAttribute | Place]> {
  let name = '';
  let value: OnnxAttribute | Place = [];
  const ints: number[] = [];
  for await (const field of fields(window, start, end)) {
    if (field.number === 1 && field.wire === 2) name = await window.text(field);
    else if (field.number === 2 && field.wire === 5) value = await float(window, field);
    else if (field.number === 3 && field.wire === 0) value = field.value;
    else if (field.number === 4 && field.wire === 2) value = await window.text(field, 65536);
    else if (field.number === 5 && field.wire === 2) value = field;
    else if (field.number === 8) ints.push(...(await numbers(window, field)));
  }
  return [name, ints.length > 0 ? ints : value];
}

/** ValueInfoProto: its name is 1, its type 2; in that tensor_type, 1; in that shape, 2; in that dims, 1, of which a value is 1. */
async function readInput(window: Windowed, { start, end }: Place): Promise<OnnxGraph['input']> {
  let name = '';
  const shape: number[] = [];
  for await (const info of fields(window, start, end)) {
    if (info.number === 1 && info.wire === 2) name = await window.text(info);
    if (info.number !== 2 || info.wire !== 2) continue;
    for await (const type of fields(window, info.start, info.end)) {
      if (type.number !== 1 || type.wire !== 2) continue;
      for await (const tensor of fields(window, type.start, type.end)) {
        if (tensor.number !== 2 || tensor.wire !== 2) continue;
        for await (const dim of fields(window, tensor.start, tensor.end)) {
          if (dim.number !== 1 || dim.wire !== 2) continue;
          let side = 0;
          for await (const field of fields(window, dim.start, dim.end))
            if (field.number === 1 && field.wire === 0) side = field.value;
          shape.push(side);
        }
      }
    }
  }
  return { name, shape };
}

/** TensorProto: dims, data_type are 1 and 2, float_data 4, name 8, raw_data 9, data_location 14 (1: in another file). */
async function readTensor(
  window: Windowed,
  { start, end }: Place,
  tensors: Map<string, FileTensor>,
  called?: string,
): Promise<void> {
  let name = called ?? '';
  let type = 0;
  const shape: number[] = [];
  const floats: Place[] = [];
  let raw: Place | undefined;
  for await (const field of fields(window, start, end)) {
    const { number, wire } = field;
    if (number === 1) shape.push(...(await numbers(window, field)));
    else if (number === 2 && wire === 0) type = field.value;
    else if (number === 4) floats.push(field);
    else if (number === 8 && wire === 2) name = called ?? (await window.text(field));
    else if (number === 9 && wire === 2) raw = field;
    else if (number === 14 && field.value === 1) {
      throw new WeightsError(window.file.name, [
        'keeps its tensors in another file. Export it in one: torch.onnx.export(…, external_data=False), or onnx.save_model(onnx.load(path), path).',
      ]);
    }
  }
  const dtype = TYPES[type];
  if (!dtype) return; // shapes and axes are whole numbers; a kernel that is missing is told of by name
  const parts = raw ? [raw] : floats;
  const bytes = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  const { bytes: width, decode } = DECODERS[dtype]!;
  if (bytes !== sizeOf(shape) * width)
    throw new Error(`${name} of ${shape.join(' × ')} ${dtype} has ${bytes} bytes`);
  const values = async () => decode(await readPlaces(window.file, parts));
  tensors.set(name, { dtype, shape, values });
}
