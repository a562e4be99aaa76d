/**
 * The compiled kernels for the script-tag bundle, which fetches them from files next to its script:
 * pages that only classify do not download those for training.
 */

const script =
  typeof document === 'undefined'
    ? undefined
    : (document.currentScript as HTMLScriptElement | null)?.src;

/** Returns the URL of a file in the script's folder. */
export function siblingUrl(file: string): URL {
  if (!script) throw new Error("the URL of alexnet-ts' script is not known");
  return new URL(file, script);
}

export const importTrainingBinary = async (): Promise<typeof import('./trainingBinary')> =>
  import(siblingUrl('chunk-trainingBinary.js').href);
export const importInferenceBinary = async (): Promise<typeof import('./inferenceBinary')> =>
  import(siblingUrl('chunk-inferenceBinary.js').href);
