/** weigh: what the browser itself counts for the workers of this page, of which there is one at a time. It waits for its next tidying up. */

interface UserAgentMemory {
  breakdown: { bytes: number; attribution: { scope: string }[] }[];
}

/** In Chromium, on pages that are cross-origin isolated. */
interface Weighing {
  measureUserAgentSpecificMemory?(): Promise<UserAgentMemory>;
}

export const canWeigh = (): boolean =>
  crossOriginIsolated && 'measureUserAgentSpecificMemory' in performance;

/** In bytes: scripts, arrays and the heap of WASM, not what is on the GPU. Null where the browser does not tell after all. */
export async function weigh(): Promise<number | null> {
  try {
    const { breakdown } = await (performance as Weighing).measureUserAgentSpecificMemory!();
    const own = breakdown.filter(({ attribution }) =>
      attribution.some(({ scope }) => scope === 'DedicatedWorkerGlobalScope'),
    );
    return own.reduce((sum, { bytes }) => sum + bytes, 0) || null;
  } catch {
    return null; // SecurityError: a browser that shares its processes between sites cannot tell them apart
  }
}
