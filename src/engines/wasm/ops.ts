/** The layers of a network as calls of the kernels: what each keeps in memory, what it works in, and how it is run. */
import { paddingOf, type Conv2dOptions } from '../../layers/conv2d';
import { sizeOf, type LayerJSON, type Shape } from '../../layers/layer';
import type { LrnOptions } from '../../layers/lrn';
import type { Arena } from './allocator';
import type { Assembly } from './wasmKernels';
import type { Crew } from './threadPool';
import { fullyConnected } from './dense';
import { convolution } from './conv2d';
import type { Quantization } from '../../weights/format/manifest';
import type { WeightSink } from '../../weights/read/read';
import type { StoredTensor } from '../../weights/format/storedTensor';

/** What steps are made with. */
export interface Place {
  arena: Arena;
  assembly: Assembly;
  /** Who computes. */
  crew: Crew;
  /** Pictures that are computed together at most, before they become vectors. */
  together: number;
  /** Asks for room to work in, which all steps share, and which each thread has for itself. The caller's address is known once all steps are made. */
  share(bytes: number): void;
  work(): number;
}

export interface Step {
  /** Reads `n` inputs at `x`, writes as many outputs to `y`, which is `x` for a step that is `inPlace`. `rectify`: with the ReLU behind it. */
  run(x: number, y: number, n: number, rectify: boolean): void;
  /** Whether it can do the ReLU behind it in the same pass. @default false */
  rectifies?: boolean;
  /** @default false */
  inPlace?: boolean;
  /** What takes its kernel as it arrives, once, if it is wanted so. */
  sinkFor?(quantization: Quantization | undefined): WeightSink | undefined;
  /** Takes its weights, once, and answers how to have them again. A kernel that was taken before has no numbers. */
  set?(params: Record<string, StoredTensor>): Record<string, () => Float32Array>;
}

/** What a thread takes at least. */
const VALUES = 4096;
const PIXELS = 32;

/** Exponents that roots give. */
const BETAS = [0.5, 0.75, 1];

const nothing = (): Step => ({ run: () => {}, inPlace: true });

/** The step of a layer for inputs of one shape, or undefined where there is no kernel for it. */
export function stepOf(
  { type, ...options }: LayerJSON,
  input: Shape,
  output: Shape,
  place: Place,
): Step | undefined {
  const { assembly, crew } = place;
  switch (type) {
    case 'flatten':
    case 'dropout':
      return nothing();
    case 'relu':
      return {
        run: (x, _y, n) => crew.each('relu', n * sizeOf(input), VALUES, x),
        inPlace: true,
      };
    case 'conv2d': {
      const { size, stride = 1, pad = 0, groups = 1 } = options as unknown as Conv2dOptions;
      return convolution({ input, output, size, stride, padding: paddingOf(pad), groups }, place);
    }
    case 'dense':
      return fullyConnected(input[0]!, output[0]!, place);
    case 'maxPool': {
      const { size, stride, pad = 0 } = options as { size: number; stride: number; pad?: number };
      const [h, w, channels] = input as [number, number, number];
      return {
        run: (x, y, n, rectify) => {
          const [rows, columns] = output as [number, number];
          crew.each(
            'maxPool',
            n * rows,
            1,
            x,
            h,
            w,
            channels,
            size,
            stride,
            pad,
            rows,
            columns,
            rectify ? 0 : -Infinity,
            y,
          );
        },
        rectifies: true,
      };
    }
    case 'lrn': {
      const { n: window = 5, k = 2, alpha = 1e-4, beta = 0.75 } = options as LrnOptions;
      if (!BETAS.includes(beta)) return undefined;
      const [h, w, channels] = input as [number, number, number];
      const radius = (window - 1) / 2;
      place.share(assembly.lrnWorkspace(channels, radius));
      return {
        run: (x, y, n) =>
          crew.each('lrn', n * h * w, PIXELS, x, channels, radius, k, alpha, beta, y),
      };
    }
    default:
      return undefined;
  }
}
