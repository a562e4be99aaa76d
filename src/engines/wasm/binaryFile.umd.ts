/** The compiled kernels for the script-tag bundle: the file beside it. */

const script =
  typeof document === 'undefined'
    ? undefined
    : (document.currentScript as HTMLScriptElement | null)?.src;

export const importBinary = (): Promise<typeof import('./inferenceBinary')> =>
  script
    ? import(new URL('chunk-inferenceBinary.js', script).href)
    : Promise.reject(new Error("the script's own address is not known"));
