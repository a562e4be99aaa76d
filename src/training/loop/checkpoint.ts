/** Checkpoints: everything that training needs to resume bit for bit, as bytes. */
import { OptionsError } from '../../errors';
import { isObject } from '../../platform/typeGuards';
import type { TrainingPosition } from './loop';
import type { TrainerState } from './trainer';

/**
 * The state of training between two steps. All random numbers follow from the seed, the epoch and
 * the step.
 */
export interface Checkpoint {
  position: TrainingPosition;
  /** These must be the same when training resumes, as must the sizes of the weights. */
  settings: { seed: number; batchSize: number; examples: number };
  state: TrainerState;
}

/** Stores one checkpoint at a time, and never an incomplete one. */
export interface CheckpointStore {
  /** Replaces the previous checkpoint, completely or not at all. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** Returns the saved checkpoint; undefined if there is none. */
  load(): Promise<Checkpoint | undefined>;
  /** Removes the checkpoint if there is one. */
  remove(): Promise<void>;
}

const MAGIC = 'alexnet-ts checkpoint 1';

interface Header {
  magic: string;
  position: TrainingPosition;
  settings: Checkpoint['settings'];
  /** In the order of the numbers that follow. */
  tensors: { kind: keyof TrainerState; name: string; length: number }[];
}

const KINDS = ['weights', 'velocities'] as const;

/** Returns a checkpoint's bytes in parts, one after the other. Weights are not copied. */
export function encodeCheckpoint({
  position,
  settings,
  state,
}: Checkpoint): (Uint8Array<ArrayBuffer> | Float32Array)[] {
  const entries = KINDS.flatMap((kind) =>
    Object.entries(state[kind]).map(([name, values]) => ({ kind, name, values })),
  );
  const tensors = entries.map(({ kind, name, values }) => ({ kind, name, length: values.length }));
  const header: Header = { magic: MAGIC, position, settings, tensors };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(4 + Math.ceil(text.length / 4) * 4).fill(0x20); // padded with blanks, which aligns the numbers
  new DataView(start.buffer).setUint32(0, start.length - 4, true);
  start.set(text, 4);
  return [start, ...entries.map(({ values }) => values)];
}

/**
 * The inverse of `encodeCheckpoint`.
 *
 * @throws OptionsError for bytes that are not a complete checkpoint.
 */
export function decodeCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const refuse = (what: string): never => {
    throw new OptionsError(
      `${where}: the file must be a checkpoint of alexnet-ts, got ${what}. Delete it to start training again.`,
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  if (length === 0 || 4 + length > bytes.length) refuse(`${bytes.length} bytes of something else`);
  let header: Header | undefined;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  } catch {
    refuse('something else');
  }
  if (header?.magic !== MAGIC) refuse('something else, or one of another version');
  const { position, settings, tensors } = header!;
  if (!Array.isArray(tensors) || !isObject(position) || !isObject(settings))
    refuse('one whose head is damaged');
  const state: TrainerState = { weights: {}, velocities: {} };
  let at = 4 + length;
  for (const entry of tensors as unknown[]) {
    const { kind, name, length: count } = (entry ?? {}) as Header['tensors'][number];
    const fits =
      KINDS.includes(kind) &&
      typeof name === 'string' &&
      name !== '__proto__' &&
      Number.isSafeInteger(count) &&
      count >= 0;
    if (!fits) refuse('one whose head is damaged'); // "__proto__" would change what every object inherits
    if (at + count * 4 > bytes.length) refuse(`one that ends within ${name}`);
    // Copied: the slice() of Node's Buffer would be a view of shared memory.
    state[kind][name] = new Float32Array(new Uint8Array(bytes.subarray(at, at + count * 4)).buffer);
    at += count * 4;
  }
  if (at !== bytes.length) refuse(`one with ${bytes.length - at} bytes too many`);
  return { position, settings, state };
}

/** @throws OptionsError if a checkpoint belongs to different training. */
export function checkCheckpoint(
  { settings, state }: Checkpoint,
  expected: Checkpoint['settings'],
  sizes: Readonly<Record<string, number>>,
): void {
  for (const key of ['seed', 'batchSize', 'examples'] as const) {
    if (settings[key] !== expected[key]) {
      throw new OptionsError(
        `train: the checkpoint must have been made with the same ${key}, got ${settings[key]} instead of ${expected[key]}. Use the same ${key}, or remove the checkpoint.`,
      );
    }
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (state.weights[name]?.length !== size) {
      throw new OptionsError(
        `train: the checkpoint must have ${size} values for ${name}, got ${state.weights[name]?.length ?? 0}. Use the same network, or remove the checkpoint.`,
      );
    }
  }
}
