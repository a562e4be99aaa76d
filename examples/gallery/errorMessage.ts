/** errorMessage: turns any error into a sentence for visitors that says what to do. */

/** Messages for the platform's own errors. */
const PLATFORM: Record<string, string> = {
  NotAllowedError: 'The browser blocked this. Allow it in the address bar and try again.',
  NotFoundError: 'No camera was found. Choose a file instead.',
  NotReadableError: 'The camera is in use by another program. Close that program and try again.',
  OverconstrainedError: 'The camera cannot provide such a picture. Choose a file instead.',
  QuotaExceededError:
    'The browser is out of storage space. Delete something you saved and try again.',
};

/** Returns undefined for an AbortError: the visitor pressed Cancel. */
export function errorMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return undefined;
  if (error.name === 'WeightsError' && !navigator.onLine)
    return `You are offline; this page needs to download ${downloadSize()} once. After that, it works offline.`;
  if (error.name === 'WeightsError')
    return `${withoutAddresses(error.message)} Reload the page to try again.`;
  return PLATFORM[error.name] ?? error.message;
}

/** Keeps only the file names of addresses: `https://…/model.json` becomes `model.json`. */
const withoutAddresses = (text: string) => text.replace(/https?:\/\/\S*\/([^\s/]+)/g, '$1');

/** The size of the network, which the build writes into the page. */
const downloadSize = () =>
  document.querySelector<HTMLElement>('main[data-download]')?.dataset.download ?? 'the network';
