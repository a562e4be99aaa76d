/** What goes into a model's calls and comes out of them, and what a model is made of. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerName } from '../alexnet';
import type { BackendName } from '../backends/backends';
import type { ChosenBackend } from '../backends/chooseBackend';
import type { Sequential } from '../layers/sequential';
import type { Engine, LoadedNetwork } from '../engines/engine';
import type { TopKOptions } from '../prediction/topK';
import type { CropKind } from '../preprocessing/crop';
import type { Label } from '../weights/format/manifest';
import type { Preprocessing } from '../weights/format/preprocessing';
import type { Origin } from '../weights/format/tuning';
import type { ReloadWeights } from '../weights/read/read';

/** What `classify` may be told. */
export interface ClassifyOptions extends TopKOptions {
  /** One view of the center, or the paper's ten, whose predictions are averaged (section 4.1). @default 'center' */
  crops?: CropKind | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What `activations` may be told. */
export interface ActivationOptions {
  /** What comes out before the ReLU that follows the layer, if one does. @default false */
  beforeRelu?: boolean | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What `embed` may be told. */
export interface EmbedOptions {
  /** The layer whose output is wanted. @default 'fc7' */
  layer?: LayerName | (string & {}) | undefined;
  /** Stops the call with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Numbers and their shape, without the batch axis: height × width × channels, or units. */
export interface Activations {
  shape: number[];
  data: Float32Array;
}

/** What is still to come of a model that was loaded with `stream`. */
export interface Rest {
  /** When all is there. */
  ready: Promise<void>;
  /** What a call that needs a layer (all of them where undefined) has to wait for, if anything; `alive` throws once the model is disposed. */
  late(alive: () => void, layer?: string, signal?: AbortSignal): Promise<void> | undefined;
  stop(): void;
  /** Set by the model: takes the tensors. */
  onArrival(tensors: Record<string, Tensor>, again: ReloadWeights | undefined): void;
}

/** What a model is made of. */
export interface ModelParts {
  /** What it is called: the set's name. */
  name: string;
  net: Sequential;
  /** Weights by parameter, and the layers' constants. The model's from then on. */
  tensors: Record<string, Tensor>;
  engine: Engine;
  classes: readonly Label[];
  preprocessing: Preprocessing;
  backend: ChosenBackend;
  /** Undefined for fresh weights. */
  origin?: Origin | undefined;
  /** Its weights from memory, for when the browser takes the GPU away; on WebGL only. */
  again?: ReloadWeights | undefined;
  /** Where `tensors` are not all yet. */
  rest?: Rest | undefined;
}

/** What training takes from a model. */
export interface ModelInternals extends LoadedNetwork {
  name: string;
  classes: readonly Label[];
  preprocessing: Preprocessing;
  backend: ChosenBackend;
  origin: Origin | undefined;
  again?: ReloadWeights | undefined;
  /** Told when a lost context had it move to another backend, where it is from then on. */
  moved?: (to: ModelInternals, reason: string) => void;
}

/** What `onBackendChange` is told. */
export interface BackendChange {
  from: BackendName;
  to: BackendName;
  reason: string;
}
