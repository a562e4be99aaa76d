/** sentenceOf: any error as a sentence for the person before the page, with what to do next. */

/** What the platform's own errors mean to a person. */
const PLATFORM: Record<string, string> = {
  NotAllowedError: 'The browser did not allow it. Allow it in the address bar, then try again.',
  NotFoundError: 'There is no camera here. Choose a file instead.',
  NotReadableError: 'The camera is in use by another program. Close that, then try again.',
  OverconstrainedError: 'The camera cannot give such a picture. Choose a file instead.',
  QuotaExceededError:
    'The browser has no room left to keep this. Delete something that was saved, then try again.',
};

/** Undefined for an abort: whoever pressed Cancel knows. */
export function sentenceOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return undefined;
  if (error.name === 'WeightsError' && !navigator.onLine) {
    return 'You are offline, and the network is not on this machine yet. Connect once and load this page; it works offline from then on.';
  }
  if (error.name === 'WeightsError')
    return `${error.message} Load the page again to try once more.`;
  return PLATFORM[error.name] ?? error.message;
}
