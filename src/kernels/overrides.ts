/** Faster versions of our operations, for a backend that has them; they arrive with `prepareTraining`, and inference has no part in them. */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { UpdateOptions } from './momentumUpdate';

/** One operation faster than its reference. `undefined` means: not for these shapes or attributes. */
export interface Faster<Name extends string, Attributes extends object> {
  forward?(inputs: Record<Name, Tensor>, attributes: Attributes): Tensor | undefined;
  gradient?(
    dy: Tensor,
    saved: Record<Name, Tensor> & { output: Tensor },
    attributes: Attributes,
  ): Partial<Record<Name, (() => Tensor) | undefined>>;
}

/** What a fully connected layer's step needs. */
export interface DenseStep {
  dy: Tensor;
  x: Tensor;
  kernel: Tensor;
  velocity: Tensor;
}

/** Updates faster than their compositions. They take their weights and velocities over, and return the ones to go on with. */
export interface FasterUpdates {
  momentum?(
    tensors: { weights: Tensor; velocity: Tensor; gradient: Tensor },
    options: UpdateOptions,
  ): { weights: Tensor; velocity: Tensor };
  dense?(
    step: DenseStep,
    options: UpdateOptions,
    wantsX: boolean,
  ): { kernel: Tensor; velocity: Tensor; x: Tensor | undefined };
}

/** All that a backend has faster, by the operation's name. */
export interface Acceleration {
  operations: Record<string, Faster<string, never>>;
  updates: FasterUpdates;
}

const accelerations = new Map<string, () => Acceleration | undefined>();

/** Has operations on a backend ask `find` for something faster from now on. */
export function accelerate(backendName: string, find: () => Acceleration | undefined): void {
  accelerations.set(backendName, find);
}

const current = (): Acceleration | undefined => accelerations.get(engine().backendName)?.();

/** The faster version of an operation on the active backend. */
export const fasterVersion = <Name extends string, Attributes extends object>(
  name: string,
): Faster<Name, Attributes> | undefined =>
  current()?.operations[name] as Faster<Name, Attributes> | undefined;

/** The faster updates on the active backend. */
export const fasterUpdates = (): FasterUpdates => current()?.updates ?? {};
