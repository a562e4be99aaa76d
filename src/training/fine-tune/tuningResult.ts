/** What fine-tuning needs from a model, and what it returns. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NetworkOnBackend } from '../../engines/engine';
import type { Sequential } from '../../layers/sequential';
import type { Preprocessing } from '../../weights/format/preprocessing';
import type { History, TuningRecipe } from '../../weights/format/tuning';
import type { DatasetProblem } from '../dataset/dataset';
import type { WeightArrays } from '../loop/trainer';
import type { Features } from './features';

/**
 * The model that fine-tuning starts from. Its `backend`, `tfBackend`, `tensors` and `engine` change
 * when it moves to another backend.
 */
export interface BaseModel extends NetworkOnBackend {
  readonly preprocessing: Preprocessing;
  /** Reads all parameters from the backend, or from memory if its WebGL context is lost. */
  readWeights(): Promise<WeightArrays>;
  /** Moves the model, with these weights, to WASM after its WebGL context was lost. */
  moveToWasm(weights: Readonly<WeightArrays>): Promise<void>;
  /**
   * Opens the backend of TensorFlow.js if our engine computes without it. `what` says in the error
   * what needs it.
   *
   * @throws BackendError that says what to do.
   */
  openTfjs(what: string): Promise<void>;
}

/** The record of a tuned model's training. */
export interface Tuning {
  history: History;
  problems: readonly DatasetProblem[];
  /** The head's inputs for the training images; undefined if they were not kept. */
  features: Features | undefined;
  recipe: TuningRecipe;
}

/** A trained network. Together with the base model's frozen tensors, it makes a new model. */
export interface TuningResult<Label extends string = string> {
  net: Sequential;
  labels: readonly Label[];
  /** Names of the layers that were trained. */
  trained: readonly string[];
  /**
   * The trained parameters as numbers. Can be empty if there are `tensors` and the backend cannot
   * lose them.
   */
  weights: WeightArrays;
  /** The trained parameters on the base model's backend, which the caller then owns. */
  tensors?: Record<string, Tensor>;
  tuning: Tuning;
}
