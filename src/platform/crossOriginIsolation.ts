/** Whether threads may share memory on this page. In Node they always may. */

const HEADERS =
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

/** Returns why they may not, if so. */
export const notIsolated = (): string | undefined =>
  globalThis.crossOriginIsolated === false || typeof SharedArrayBuffer === 'undefined'
    ? `the page is not cross-origin isolated (it needs the headers ${HEADERS})`
    : undefined;
