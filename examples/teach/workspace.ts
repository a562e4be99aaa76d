/**
 * Workspace: what the parts of the page share: the training set, the current model, and the results
 * on pictures that were held out. Parts subscribe to what they show.
 */
import type { Model } from 'alexnet-ts/worker';
import { TrainingSet, type ClassPicture } from './trainingSet';

/** A validation picture, its class, and the class that the model predicted. */
export interface ValidationResult {
  picture: ClassPicture;
  label: string;
  predicted: string;
  /** Probability of the predicted class. */
  probability: number;
}

export type WorkspaceEvent =
  /** Classes or pictures have changed. */
  | 'pictures'
  /** There is another model, or none. */
  | 'model'
  /** The results on held-out pictures have changed. */
  | 'results';

export class Workspace {
  readonly trainingSet = new TrainingSet();
  readonly #listeners = new Map<WorkspaceEvent, (() => void)[]>();
  #model: Model | undefined;
  #results: readonly ValidationResult[] = [];

  /** `base` is the network whose layers are trained. */
  constructor(readonly base: Promise<Model>) {
    this.trainingSet.onChange(() => this.#emit('pictures'));
  }

  /** Calls `listener` synchronously after each event. */
  on(event: WorkspaceEvent, listener: () => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  #emit(event: WorkspaceEvent): void {
    for (const listener of this.#listeners.get(event) ?? []) listener();
  }

  /** The current model: trained, edited or loaded. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** Results on held-out pictures; empty if the model has not been validated. */
  get results(): readonly ValidationResult[] {
    return this.#results;
  }

  /** Replaces the current model, disposes the previous one and forgets its results. */
  use(next: Model | undefined): void {
    const before = this.#model;
    this.#model = next;
    this.#results = [];
    this.#emit('model');
    this.#emit('results');
    if (before !== next) before?.dispose();
  }

  /** Sets the results of the current model. */
  setResults(results: readonly ValidationResult[]): void {
    this.#results = results;
    this.#emit('results');
  }
}
