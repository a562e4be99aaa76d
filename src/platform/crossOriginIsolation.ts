/** Whether threads may share memory on this page. In Node they always may. */

const HEADERS =
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';

/** Returns why threads cannot share memory, or undefined if they can. */
export function notIsolated(): string | undefined {
  if (globalThis.crossOriginIsolated === false)
    return `the page is not cross-origin isolated (it needs the headers ${HEADERS})`;
  return typeof SharedArrayBuffer === 'undefined'
    ? 'SharedArrayBuffer is missing in this browser'
    : undefined;
}
