/** chooseBackend: opens the fastest backend that computes correct results on this machine. */
import { OptionsError, describe, reasonOf, suggest } from '../errors';
import { BACKENDS, slowWebGL, type BackendName, type BackendOptions } from './backends';
import { ContextLost } from './contextLoss';
import { warnOfTwoCopies } from './duplicateTfjs';
import { isPlain } from '../platform/typeGuards';
import { integer, oneOf, rule, type Rules } from '../platform/checkOptions';

/** A backend that has passed its self-test. */
export interface ChosenBackend {
  name: BackendName;
  /** The name of the backend in TensorFlow.js. */
  tfBackend: string;
  /**
   * Set on WASM if our own engine computes: TensorFlow.js' backend is not open, and `openTfjs` must
   * be called before its operations.
   */
  lazyTfjs?: true | undefined;
  /** Why backends that were tried earlier cannot be used. */
  passedOver: readonly { name: BackendName; reason: string }[];
  /** Number of threads of TensorFlow.js' operations, if more than one. */
  threads?: number;
  /** The options that the backend was opened with, in case another one has to replace it. */
  options?: BackendOptions;
  /** The backend that was requested. */
  wanted?: 'auto' | BackendName | undefined;
}

/**
 * Runs a computation with a known result on an open backend. Throws an Error that says how the
 * result differs.
 */
export type SelfTest = (tfBackend: string) => Promise<void>;

/** How backends are tested, and an engine that can make TensorFlow.js' backend unnecessary. */
export interface BackendTests {
  selfTest: SelfTest;
  /**
   * Opens an engine for the model's network that needs no backend of TensorFlow.js, and tests it.
   * Returns false if there is none. @default there is none
   */
  openEngine?: ((name: BackendName) => Promise<boolean>) | undefined;
}

const NAMES = ['auto', ...Object.keys(BACKENDS)];

export const BACKEND_RULES: Rules<BackendOptions> = {
  wasmPaths: rule(
    'an address, an object of addresses, or false',
    (value) =>
      typeof value === 'string' ||
      value === false ||
      (isPlain(value) && Object.values(value).every((path) => typeof path === 'string')),
  ),
  threads: integer(1, 8),
  precision: oneOf('auto', 'float32', 'int8'),
};

/** @throws OptionsError for an unknown name. */
export function checkBackendName(wanted: unknown): void {
  if (NAMES.includes(wanted as string)) return;
  throw new OptionsError(
    `load: backend must be a known name, got ${describe(wanted)}. ${suggest(String(wanted), NAMES)}`,
  );
}

/**
 * Opens a backend and runs the self-test on it. `'auto'` tries WebGL on a real GPU, then WASM, then
 * CPU. WebGL with a software renderer is used only if `wanted` is `'webgl'`.
 *
 * @throws OptionsError for an unknown name.
 * @throws BackendError if the backend, or with `'auto'` every backend, cannot be used. The message
 * has the reason for each.
 */
export async function chooseBackend(
  wanted: 'auto' | BackendName,
  tests: BackendTests,
  options: BackendOptions = {},
  signal?: AbortSignal,
): Promise<ChosenBackend> {
  const { chosen, passedOver } = await tryBackends(wanted, tests, options, signal);
  if (!chosen) throw (await import('./backendProblems')).noBackend(wanted, passedOver);
  return chosen;
}

/** Like `chooseBackend`, but if there is no backend, the caller reports the error. */
export async function tryBackends(
  wanted: 'auto' | BackendName,
  { selfTest, openEngine }: BackendTests,
  options: BackendOptions = {},
  signal?: AbortSignal,
): Promise<{ chosen?: ChosenBackend; passedOver: ChosenBackend['passedOver'] }> {
  checkBackendName(wanted);
  const { threads = 1 } = options;
  const passedOver: { name: BackendName; reason: string }[] = [];
  for (const { name, threaded } of candidates(wanted, threads)) {
    signal?.throwIfAborted();
    try {
      const reason = wanted === 'auto' && name === 'webgl' ? await slowWebGL() : undefined;
      if (reason !== undefined) throw new Error(reason);
      if (await openEngine?.(name)) {
        await warnOfTwoCopies(name);
        const engine = { name, tfBackend: name, lazyTfjs: true } as const;
        return { chosen: { ...engine, passedOver, options, wanted }, passedOver };
      }
      const open = threaded ? openThreads : openBackend;
      const opened = await retryOnContextLoss(async () => {
        const backend = await open(name, options);
        await selfTest(backend.tfBackend);
        return backend;
      });
      await warnOfTwoCopies(opened.tfBackend);
      return { chosen: { name, ...opened, passedOver, options, wanted }, passedOver };
    } catch (error) {
      const what = threaded ? `${threads} threads: ` : '';
      passedOver.push({ name, reason: what + reasonOf(error) });
    }
  }
  signal?.throwIfAborted();
  return { passedOver };
}

/** Returns the backends to try, in order. WASM with and without threads are two of them. */
function candidates(
  wanted: 'auto' | BackendName,
  threads: number,
): { name: BackendName; threaded?: boolean }[] {
  const names: BackendName[] = wanted === 'auto' ? ['webgl', 'wasm', 'cpu'] : [wanted];
  return names.flatMap((name) =>
    name === 'wasm' && threads > 1 ? [{ name, threaded: true }, { name }] : [{ name }],
  );
}

type Opened = Pick<ChosenBackend, 'tfBackend' | 'threads'>;

async function openBackend(name: BackendName, options: BackendOptions): Promise<Opened> {
  await BACKENDS[name].open(options);
  return { tfBackend: BACKENDS[name].tfBackend };
}

const openThreads = async (_wasm: BackendName, options: BackendOptions): Promise<Opened> =>
  (await import('./wasmThreads')).openThreads(options);

/**
 * Calls `open`. If the WebGL context is lost during the self-test, retries up to two times, each
 * with a new context.
 */
async function retryOnContextLoss<T>(open: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--) {
    try {
      return await open();
    } catch (error) {
      if (left === 0 || !(error instanceof ContextLost)) throw error;
    }
  }
}

/** Whether `'auto'` chose the CPU, or WASM has one thread although several were requested. */
export const isSlow = ({ name, wanted, options }: ChosenBackend, threads: number): boolean =>
  name === 'cpu'
    ? wanted === 'auto'
    : name === 'wasm' && threads === 1 && (options?.threads ?? 1) > 1;
