/**
 * Finds out whether this machine computes convolutions in 8 bits correctly, and faster than in
 * float32. On processors that need three instructions for the relaxed one, float32 is faster.
 */
import { positional } from '../../kernels/wasm/loadAssembly';
import { inferenceKernels, PARALLEL_KERNELS, type ParallelKernel } from './inferenceKernels';
import { WasmMemory } from './wasmMemory';

/** The layer that is timed: 3 x 3 filters of stride 1, where float32 is fastest. */
const [SIZE, SIDE, CHANNELS] = [3, 12, 64];
const PADDED = SIDE + SIZE - 1;
const TILES = 9;

/** How long each precision is timed per round, in ms. */
const DURATION = 0.3;
/** The minimum and maximum number of rounds. */
const [MIN_ROUNDS, MAX_ROUNDS] = [3, 12];
/**
 * The browser may optimize the float32 code first, so timing continues until 8 bits are this many
 * times as fast.
 */
const CLEAR_RATIO = 1.5;
/** Number of calls after which timing stops waiting for the clock to advance. */
const MAX_CALLS = 100;

/** The layer takes 1.2 MB. */
const MEMORY_PAGES = 64;

/** The value of all activations, as a signed byte, and of all weights, plus 63. */
const [ACTIVATION, WEIGHT] = [-77, 101];

export interface Int8Trial {
  /** Whether sums are exact. They were not in the first browsers with relaxed SIMD. */
  readonly isExact: boolean;
  /** Whether 8 bits are faster. Call it again after some runs: browsers optimize code that runs. */
  isFaster(): boolean;
}

/** Prepares the layer in separate memory. `module` has the kernels. */
export async function int8Trial(module: WebAssembly.Module, shared: boolean): Promise<Int8Trial> {
  const memory = new WasmMemory(shared, MEMORY_PAGES);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
  const kernels = inferenceKernels(exports);
  kernels.setScratch({ pointer: memory.allocate(kernels.scratchBytes) });
  const floats = (count: number) => memory.allocate(4 * count);
  const y = floats(SIDE * SIDE * CHANNELS);
  const bias = floats(CHANNELS);
  const shape = { groups: 1, channels: CHANNELS, filters: CHANNELS, bias, fuseRelu: false, y };

  const run = SIZE * CHANNELS;
  const windows = { segmentCount: SIZE, run };
  const work = memory.allocate(kernels.int8WorkBytes(windows));
  const positions = floats(SIDE * SIDE);
  const segments = floats(SIZE);
  const table = { width: PADDED, pixelBytes: CHANNELS };
  kernels.fillPositionOffsets({
    ...{ ...table, offsets: positions, n: 1, height: 0, strideRows: 1, strideColumns: 1 },
    ...{ rows: SIDE, columns: SIDE },
  });
  kernels.fillSegmentOffsets({
    ...{ ...table, offsets: segments, kernelRows: SIZE, kernelColumns: SIZE, wholeRows: true },
  });
  const ones = memory.allocate(kernels.int8StepBytes(windows));
  kernels.markSteps({ ...windows, to: ones });
  const x = memory.allocate(PADDED * PADDED * CHANNELS);
  const panelBytes = kernels.int8PanelBytes({ ...windows, filters: CHANNELS, groups: 1 });
  const panels = memory.allocate(panelBytes);
  const sums = floats(CHANNELS);
  const scales = floats(CHANNELS);
  memory.bytes(x, PADDED * PADDED * CHANNELS).fill(ACTIVATION & 0xff);
  memory.bytes(panels, panelBytes).fill(WEIGHT);
  memory.writeFloats(scales, new Float32Array(CHANNELS).fill(1));

  const height = PADDED;
  const padded = floats(PADDED * PADDED * CHANNELS);
  const points = (SIZE + 3) ** 2;
  const panel = kernels.panelBytes({ count: CHANNELS, columns: CHANNELS });
  const floatPanels = memory.allocate(points * panel);
  const floatWork = memory.allocate(
    kernels.winogradWorkspace({
      ...{ size: SIZE, tiles: 12, inPerGroup: CHANNELS, outPerGroup: CHANNELS },
    }),
  );
  /** Returns a function that runs a kernel. */
  const call = (
    kernel: ParallelKernel,
    args: Record<string, number | boolean>,
    items: number,
    workspace: number,
  ) => {
    const { [kernel]: compute } = kernels.parallel;
    const values = positional<readonly string[]>(PARALLEL_KERNELS[kernel], args);
    return () => compute(...values, 0, items, workspace);
  };
  const int8 = call(
    'conv2dInt8',
    {
      ...{ ...shape, ...windows, x, positions, segments, panels, ones, sums, scales },
      ...{ scale: 1, offset: 0 },
    },
    SIDE * SIDE,
    work,
  );
  const float32 = call(
    'conv2dWinograd',
    {
      ...{ ...shape, padded, n: 1, height, width: PADDED, size: SIZE, panels: floatPanels },
      ...{ rows: SIDE, columns: SIDE, tiles: 12, parts: 1 },
    },
    Math.ceil(TILES / 12),
    floatWork,
  );
  const isExact = () => {
    int8();
    const sum = SIZE * run * ACTIVATION * (WEIGHT - 63);
    return memory.readFloats(y, SIDE * SIDE * CHANNELS).every((value) => value === sum);
  };
  return {
    isExact: isExact(),
    isFaster() {
      let [fastInt8, fastFloat32] = [0, 0];
      const isClear = () => fastInt8 > CLEAR_RATIO * fastFloat32;
      for (let round = 0; round < MAX_ROUNDS && !(round >= MIN_ROUNDS && isClear()); round++) {
        fastFloat32 = Math.max(fastFloat32, rateOf(float32));
        fastInt8 = Math.max(fastInt8, rateOf(int8));
      }
      return fastInt8 > fastFloat32 && isExact();
    },
  };
}

/**
 * Returns the calls per millisecond. Counts from one tick of the clock to a later one, because some
 * clocks tick only every millisecond. Returns 0 if the clock does not tick.
 */
function rateOf(work: () => void): number {
  const last = performance.now();
  let start = last;
  for (let i = 0; start === last && i < MAX_CALLS; i++) {
    work();
    start = performance.now();
  }
  for (let count = 1; count < MAX_CALLS; count++) {
    work();
    const elapsed = performance.now() - start;
    if (elapsed >= DURATION) return count / elapsed;
  }
  return 0;
}
