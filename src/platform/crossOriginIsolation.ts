/** Whether threads may share memory on this page. In Node they always may. */

const HEADERS =
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

/** Returns why threads cannot share memory, or undefined if they can. */
export const notIsolated = (): string | undefined =>
  globalThis.crossOriginIsolated === false || typeof SharedArrayBuffer === 'undefined'
    ? `the page is not cross-origin isolated (it needs the headers ${HEADERS})`
    : undefined;
