/** Checkpoints: all that a training needs to go on, bit for bit, as bytes. */
import { OptionsError } from '../../errors';
import type { Position } from './loop';
import type { TrainerState } from './trainer';
import { isObject } from '../../platform/typeGuards';

/** A training between two steps. Everything random follows from the seed, the epoch and the step. */
export interface Checkpoint {
  position: Position;
  /** What must be the same when it goes on: the seed, the batch, how many examples, the sizes of the weights. */
  settings: { seed: number; batchSize: number; examples: number };
  state: TrainerState;
}

/** Where a checkpoint is kept: one at a time, and never half of one. */
export interface CheckpointStore {
  /** Takes the place of the one before, as a whole or not at all. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The last that was saved. */
  load(): Promise<Checkpoint | undefined>;
  /** Does nothing where there is none. */
  remove(): Promise<void>;
}

const MAGIC = 'alexnet-ts checkpoint 1';

interface Header {
  magic: string;
  position: Position;
  settings: Checkpoint['settings'];
  /** In the order of the numbers that follow. */
  tensors: { kind: keyof TrainerState; name: string; length: number }[];
}

const KINDS = ['weights', 'velocities'] as const;

/** The parts of a checkpoint's bytes, one after the other: nothing is copied. */
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
  const start = new Uint8Array(4 + Math.ceil(text.length / 4) * 4).fill(0x20); // blanks, so that the numbers are aligned
  new DataView(start.buffer).setUint32(0, start.length - 4, true);
  start.set(text, 4);
  return [start, ...entries.map(({ values }) => values)];
}

/**
 * The inverse of `encodeCheckpoint`.
 *
 * @throws OptionsError for bytes that are none, or not all of one.
 */
export function decodeCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const refuse = (what: string): never => {
    throw new OptionsError(
      `${where}: a checkpoint of alexnet-ts is wanted, got ${what}. Delete it, and training starts afresh.`,
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
    if (!fits) refuse('one whose head is damaged'); // "__proto__" would be no name but change what every object inherits
    if (at + count * 4 > bytes.length) refuse(`one that ends within ${name}`);
    // A copy by hand: the slice() of Node's Buffer is a view of memory that others use.
    state[kind][name] = new Float32Array(new Uint8Array(bytes.subarray(at, at + count * 4)).buffer);
    at += count * 4;
  }
  if (at !== bytes.length) refuse(`one with ${bytes.length - at} bytes too many`);
  return { position, settings, state };
}

/** @throws OptionsError when a checkpoint is not of this training. */
export function checkCheckpoint(
  { settings, state }: Checkpoint,
  wanted: Checkpoint['settings'],
  sizes: Readonly<Record<string, number>>,
): void {
  for (const key of ['seed', 'batchSize', 'examples'] as const) {
    if (settings[key] !== wanted[key]) {
      throw new OptionsError(
        `train: the checkpoint was made with ${key} ${settings[key]}, got ${wanted[key]}. Go on with the same, or remove the checkpoint.`,
      );
    }
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (state.weights[name]?.length !== size) {
      throw new OptionsError(
        `train: the network has ${size} numbers in ${name}, the checkpoint ${state.weights[name]?.length ?? 0}. Go on with the same network, or remove the checkpoint.`,
      );
    }
  }
}
