/**
 * Reads .safetensors: the length of a JSON header, the header with the dtype, shape and offsets of
 * each tensor, then their bytes.
 */
import { WeightsError, describe, describeJson, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, bytesOfRows, type FileParts, type FileTensor } from './fileReader';
import { isRecord } from '../../platform/typeGuards';

/** The contents of a .safetensors file: tensors by name, and metadata. */
export interface Safetensors {
  tensors: Map<string, FileTensor>;
  metadata: Record<string, string>;
}

/** The header of 60 tensors has a few kB. Headers larger than this are rejected unread. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Bytes per value. Integers are used for batch counters and the like, never for weights. */
const BYTES = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2 },
  ...{ I8: 1, U8: 1, BOOL: 1 },
} as const;

const unsupported = (dtype: unknown): string =>
  `dtype must be one of ${Object.keys(DECODERS).join(', ')}, got ${describe(dtype)}.`;

/** The maximum number of reported problems. */
const MAX_PROBLEMS = 100;

/**
 * Reads a file in Hugging Face's `safetensors` format. Only the header is read; tensors are read on
 * demand.
 *
 * @throws WeightsError listing every problem if the file has another format, is truncated, or has
 * inconsistent tensors.
 */
export async function readSafetensors(file: FileParts): Promise<Safetensors> {
  const refuse = (...problems: string[]) => new WeightsError(file.name, problems);
  if (file.size < 8)
    throw refuse(`a .safetensors file must have at least 8 bytes, got ${file.size}.`);
  const start = await file.read(0, 8);
  const headerBytes = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > Math.min(file.size - 8, MAX_HEADER_BYTES)) {
    throw refuse(
      `not a .safetensors file, or truncated: its header would have ${headerBytes} bytes, the file has ${file.size}.`,
    );
  }
  const data = 8 + headerBytes;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await file.read(8, data)));
  } catch (error) {
    throw refuse(`not a .safetensors file: its header must be JSON (${reasonOf(error)}).`);
  }
  if (!isRecord(header))
    throw refuse(`not a .safetensors file: its header must be an object, got ${describe(header)}.`);

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
      data_offsets: [from, to],
    } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
    tensors.set(name, {
      dtype,
      shape,
      async values(rows) {
        const decoder = DECODERS[dtype];
        if (!decoder) throw refuse(`${name}: ${unsupported(dtype)}`);
        const { start, end } = rows
          ? bytesOfRows(shape, decoder.bytes, rows)
          : { start: 0, end: to - from };
        return decoder.decode(await file.read(data + from + start, data + from + end));
      },
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
    return `a tensor must be { "dtype", "shape", "data_offsets" }, got ${describe(entry)}.`;
  const { dtype, shape, data_offsets: offsets } = entry;
  const width =
    typeof dtype === 'string' && Object.hasOwn(BYTES, dtype) ? BYTES[dtype as never] : undefined;
  if (width === undefined) return unsupported(dtype);
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount))
    return `shape must be a list of integers, got ${describeJson(shape)}.`;
  if (
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isCount) ||
    offsets[0] > offsets[1] ||
    offsets[1] > available
  ) {
    return `data_offsets must lie within ${available} bytes, got ${describeJson(offsets)}. Is the file truncated?`;
  }
  const needed = sizeOf(shape as number[]) * width;
  return offsets[1] - offsets[0] === needed
    ? undefined
    : `${shape.join(' × ')} ${dtype} must have ${needed} bytes, got ${offsets[1] - offsets[0]}.`;
}
