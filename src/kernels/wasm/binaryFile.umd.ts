/** The compiled kernels for the script-tag bundle: the file beside it, so that pages which only classify do not download them. */

const script =
  typeof document === 'undefined'
    ? undefined
    : (document.currentScript as HTMLScriptElement | null)?.src;

export const importBinary = (): Promise<typeof import('./trainingBinary')> =>
  script
    ? import(new URL('chunk-binary.js', script).href)
    : Promise.reject(new Error("the script's own address is not known"));
