/** Reads .safetensors: the length of a JSON header, the header with dtype, shape and place of each tensor, then their bytes. */
import { WeightsError, describe, describeJson, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type FileTensor } from './fileReader';
import { isRecord } from '../../platform/typeGuards';

/** The tensors by name, and the texts that the writer put beside them. */
export interface Safetensors {
  tensors: Map<string, FileTensor>;
  metadata: Record<string, string>;
}

/** The header of 60 tensors has some thousand bytes; one that claims more than this is refused before it is read. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** More are not told. */
const MAX_PROBLEMS = 100;

/**
 * The tensors of a file that Hugging Face's `safetensors` wrote, from PyTorch or elsewhere. Only the header is read; a tensor when it is
 * asked for.
 *
 * @throws WeightsError for a file that is none, is cut short, or says things of its tensors that cannot be: every problem is listed.
 */
export async function readSafetensors(file: FileParts): Promise<Safetensors> {
  const refuse = (...problems: string[]) => new WeightsError(file.name, problems);
  if (file.size < 8) throw refuse(`a .safetensors file has at least 8 bytes, got ${file.size}.`);
  const start = await file.read(0, 8);
  const headerBytes = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > Math.min(file.size - 8, MAX_HEADER_BYTES)) {
    throw refuse(
      `not a .safetensors file, or cut short: its header would have ${headerBytes} bytes, the file has ${file.size}.`,
    );
  }
  const data = 8 + headerBytes;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await file.read(8, data)));
  } catch (error) {
    throw refuse(`not a .safetensors file: its header is no JSON (${reasonOf(error)}).`);
  }
  if (!isRecord(header))
    throw refuse(`not a .safetensors file: its header is an object, got ${describe(header)}.`);

  const tensors = new Map<string, FileTensor>();
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (problems.length >= MAX_PROBLEMS) break;
    const problem = entryProblem(entry, file.size - data);
    if (problem) {
      problems.push(`${name}: ${problem}`);
      continue;
    }
    const {
      dtype,
      shape,
      data_offsets: place,
    } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
    tensors.set(name, {
      dtype,
      shape,
      values: async () =>
        DECODERS[dtype]!.decode(await file.read(data + place[0], data + place[1])),
    });
  }
  if (problems.length > 0) throw refuse(...problems);
  const metadata = isRecord(header.__metadata__) ? header.__metadata__ : {};
  return {
    tensors,
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(([, text]) => typeof text === 'string'),
    ) as never,
  };
}

function entryProblem(entry: unknown, available: number): string | undefined {
  if (!isRecord(entry))
    return `a tensor is { "dtype", "shape", "data_offsets" }, got ${describe(entry)}.`;
  const { dtype, shape, data_offsets: place } = entry;
  const decoder =
    typeof dtype === 'string' && Object.hasOwn(DECODERS, dtype) ? DECODERS[dtype]! : undefined;
  if (!decoder)
    return `its dtype is one of ${Object.keys(DECODERS).join(', ')}, got ${describe(dtype)}.`;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount))
    return `its shape is a list of whole numbers, got ${describeJson(shape)}.`;
  if (
    !Array.isArray(place) ||
    place.length !== 2 ||
    !place.every(isCount) ||
    place[0] > place[1] ||
    place[1] > available
  ) {
    return `its data_offsets lie within ${available} bytes, got ${describeJson(place)}. The file is cut short?`;
  }
  const needed = sizeOf(shape as number[]) * decoder.bytes;
  return place[1] - place[0] === needed
    ? undefined
    : `${shape.join(' × ')} ${dtype} needs ${needed} bytes, got ${place[1] - place[0]}.`;
}
