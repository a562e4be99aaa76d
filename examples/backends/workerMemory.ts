/** workerMemory: the memory of this page's workers as the browser reports it after a GC. */

interface UserAgentMemory {
  breakdown: { bytes: number; attribution: { scope: string }[] }[];
}

/** In Chromium, on cross-origin isolated pages. */
interface MemoryMeasurement {
  measureUserAgentSpecificMemory?(): Promise<UserAgentMemory>;
}

export const canMeasureWorkerMemory = (): boolean =>
  crossOriginIsolated && 'measureUserAgentSpecificMemory' in performance;

/** Returns bytes of scripts, arrays and WASM, without GPU memory; null if the browser refuses. */
export async function measureWorkerMemory(): Promise<number | null> {
  try {
    const { breakdown } = await (performance as MemoryMeasurement)
      .measureUserAgentSpecificMemory!();
    const own = breakdown.filter(({ attribution }) =>
      attribution.some(({ scope }) => scope === 'DedicatedWorkerGlobalScope'),
    );
    return own.reduce((sum, { bytes }) => sum + bytes, 0) || null;
  } catch {
    return null; // SecurityError if several sites share a process
  }
}
