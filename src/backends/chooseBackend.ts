/** chooseBackend: the fastest backend here that computes rightly. */
import { BackendError, OptionsError, describe, reasonOf, suggest } from '../errors';
import { BACKENDS, softwareRenderer, type BackendName, type BackendOptions } from './backends';
import { ContextLost } from './contextLoss';
import { selfTest } from '../engines/tfjs/selfTest';
import { tellTwoCopies } from './duplicateTfjs';

/** A backend that passed its self-test. */
export interface ChosenBackend {
  name: BackendName;
  /** The name under which TensorFlow.js knows it. */
  tfBackend: string;
  /** Why the ones before it were not taken. */
  passedOver: readonly { name: BackendName; reason: string }[];
  /** Those of WASM, where there are several. */
  threads?: number;
  /** What it was opened with: another one may have to be. */
  options?: BackendOptions;
  /** What was asked for. */
  wanted?: 'auto' | BackendName;
}

const NAMES = ['auto', ...Object.keys(BACKENDS)];

/** Why `auto` does not even try a backend, if so. */
const notByItself: Partial<Record<BackendName, () => string | undefined>> = {
  webgl() {
    const renderer = softwareRenderer();
    return renderer === undefined || renderer === 'no WebGL'
      ? renderer
      : `its renderer is software (${renderer}), which is slower than WASM`;
  },
};

/** Throws an OptionsError for a name that is none. */
export function checkBackendName(wanted: unknown): void {
  if (NAMES.includes(wanted as string)) return;
  throw new OptionsError(
    `load: there is no backend ${typeof wanted === 'string' ? `"${wanted}"` : describe(wanted)}. ${suggest(String(wanted), NAMES)}`,
  );
}

async function open(
  name: BackendName,
  options: BackendOptions,
): Promise<Pick<ChosenBackend, 'tfBackend' | 'threads'>> {
  await BACKENDS[name].open(options);
  return { tfBackend: BACKENDS[name].tfBackend };
}

/** Opens a backend and runs its self-test; on another context, twice more at most, when one is lost in the midst of it. */
async function tested<Opened extends { tfBackend: string }>(
  opening: () => Promise<Opened>,
): Promise<Opened> {
  for (let left = 2; ; left--) {
    try {
      const opened = await opening();
      await selfTest(opened.tfBackend);
      return opened;
    } catch (error) {
      if (left === 0 || !(error instanceof ContextLost)) throw error;
    }
  }
}

/**
 * Opens a backend and runs its self-test. `'auto'` tries WebGL on a real GPU, then WASM, then CPU; software WebGL is never
 * taken unless asked for by name.
 *
 * @throws OptionsError for an unknown name, or a number of threads out of range.
 * @throws BackendError when the named one, or every one of `'auto'`, cannot be used, with the reason for each.
 */
export async function chooseBackend(
  wanted: 'auto' | BackendName,
  options: BackendOptions = {},
  signal?: AbortSignal,
): Promise<ChosenBackend> {
  checkBackendName(wanted);
  const { threads = 1 } = options;
  if (!(Number.isInteger(threads) && threads > 0 && threads < 9)) {
    throw new OptionsError(
      `load: threads is a whole number from 1 to 8, got ${describe(threads)}.`,
    );
  }
  const names: BackendName[] = wanted === 'auto' ? ['webgl', 'wasm', 'cpu'] : [wanted];
  const order = names.flatMap((name) =>
    name === 'wasm' && threads > 1 ? [{ name, several: true }, { name }] : { name },
  );
  const passedOver: { name: BackendName; reason: string }[] = [];
  for (const { name, several } of order as { name: BackendName; several?: true }[]) {
    signal?.throwIfAborted();
    try {
      const reason = wanted === 'auto' ? notByItself[name]?.() : undefined;
      if (reason !== undefined) throw new Error(reason);
      const opened = await tested(async () =>
        several ? (await import('./wasmThreads')).openThreads(options) : open(name, options),
      );
      tellTwoCopies(opened.tfBackend);
      return { name, ...opened, passedOver, options, wanted };
    } catch (error) {
      passedOver.push({
        name,
        reason: `${several ? `${threads} threads: ` : ''}${reasonOf(error)}`,
      });
    }
  }
  signal?.throwIfAborted();
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new BackendError(
    wanted === 'auto'
      ? `load: no backend can be used here. ${reasons}. Is @tensorflow/tfjs-backend-wasm installed, and are its .wasm files found (option wasmPaths)?`
      : `load: backend "${wanted}" cannot be used here: ${passedOver.at(-1)!.reason}. Take backend: 'auto', or another.`,
  );
}
