/** The parts of a model, and the results of its methods. */
import type { BackendName } from '../backends/backends';
import type { Sequential } from '../layers/sequential';
import type { NetworkOnBackend } from '../engines/engine';
import type { Label } from '../weights/format/manifest';
import type { Preprocessing } from '../weights/format/preprocessing';
import type { Origin } from '../weights/format/tuning';
import type { ReloadWeights } from '../weights/read/read';
import type { PendingWeights } from './pendingWeights';

/** Numbers and their shape, without the batch axis: height × width × channels, or units. */
export interface Activations {
  shape: number[];
  data: Float32Array;
}

/** The parts of a model that do not depend on its backend. */
export interface ModelFacts {
  /** The name of the set of weights. */
  name: string;
  net: Sequential;
  classes: readonly Label[];
  preprocessing: Preprocessing;
  /** Undefined for initial weights. */
  origin?: Origin | undefined;
}

/** What a model is made of. It owns the tensors. */
export interface ModelParts extends ModelFacts, Omit<NetworkOnBackend, 'tfBackend'> {
  /** Reloads the weights from memory after a lost WebGL context. On WebGL only. */
  reload?: ReloadWeights | undefined;
  /** Set while `tensors` are not complete. */
  pending?: PendingWeights | undefined;
}

/** What training needs from a model. */
export interface ModelInternals extends ModelFacts, NetworkOnBackend {
  origin: Origin | undefined;
  reload: ReloadWeights | undefined;
  /**
   * Called when training has moved to another backend after a lost context, so that the model
   * follows.
   */
  onMove?: (to: NetworkOnBackend, reason: string) => void;
}

/** The argument of `onBackendChange`. */
export interface BackendChange {
  from: BackendName;
  to: BackendName;
  reason: string;
}
