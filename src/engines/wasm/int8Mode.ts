/** Int8Mode: whether an engine computes in 8 bits: convolutions, and large dense layers. */
import type { BackendOptions } from '../../backends/backends';
import { sizeOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';
import type { LoadedKernels } from './inferenceKernels';
import { int8Trial, type Int8Trial } from './int8Trial';

/** Below this number of multiply-adds per image, timing takes longer than it can save. */
const MIN_WORK = 2e7;

/** The result of `confirm` on this page. */
let fasterHere: boolean | undefined;

export class Int8Mode {
  /** Whether a layer has packed its kernel for 8 bits. */
  packed = false;
  /** Whether the current run uses such kernels. */
  active = false;
  #trial: Int8Trial | undefined;
  #wanted: boolean | undefined;

  private constructor(
    /** Whether layers may be asked to compute in 8 bits. */
    readonly possible: boolean,
    trial?: Int8Trial,
    /** Whether to round kernels with more than 127 levels, and the inputs of dense layers. */
    readonly rounds = false,
  ) {
    this.#trial = trial;
    this.#wanted = trial ? undefined : possible;
  }

  /** Returns undefined if 8 bits are requested, but these kernels compute them incorrectly. */
  static async choose(
    net: Sequential,
    precision: BackendOptions['precision'],
    { module, variant, shared }: Omit<LoadedKernels, 'kernels'> & { shared: boolean },
  ): Promise<Int8Mode | undefined> {
    if (precision === 'int8') {
      const isExact = variant === 'simd' || (await int8Trial(module, shared)).isExact;
      return isExact ? new Int8Mode(true, undefined, true) : undefined;
    }
    // Without the instruction, 8 bits take four times as long as float32.
    if (precision !== 'auto' || variant === 'simd' || convolutionWork(net) < MIN_WORK)
      return new Int8Mode(false);
    if (fasterHere !== undefined) return new Int8Mode(fasterHere);
    const trial = await int8Trial(module, shared);
    return trial.isExact ? new Int8Mode(true, trial) : new Int8Mode(false);
  }

  /** Whether to pack kernels for 8 bits. Times both precisions when it is first read. */
  get wanted(): boolean {
    return (this.#wanted ??= this.#trial!.isFaster());
  }

  /**
   * Times both precisions again, once the browser has optimized the code. If float32 is faster now,
   * the packed kernels are not used.
   */
  confirm(): void {
    if (!this.#trial || !this.packed) return;
    this.packed = fasterHere = this.#trial.isFaster();
    this.#trial = undefined;
  }
}

/** Returns the number of multiply-adds of all convolutions. */
function convolutionWork(net: Sequential): number {
  const shapes = net.shapes();
  const params = Object.entries(net.params());
  const layers = params.filter(([, { shape }]) => shape.length === 4);
  return layers.reduce((sum, [name, { shape }]) => {
    const [rows, columns] = shapes[name.split('/')[0]!] as [number, number, number];
    return sum + sizeOf(shape) * rows * columns;
  }, 0);
}
