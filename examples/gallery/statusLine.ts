/** statusLine: one line with the current state of a page, progress, or an error and what to do. */
import type { LoadProgress } from 'alexnet-ts';
import { button } from './elements';
import { errorMessage } from './errorMessage';

export interface StatusLine {
  /** Shows the current state. */
  show(text: string): void;
  /** Shows what is being done, with a progress bar; `share` is in [0, 1] if known. */
  progress(text: string, share?: number): void;
  /**
   * Shows an error, with a Retry button if `retry` is given or the network could not be downloaded
   * offline. An AbortError is ignored.
   */
  fail(error: unknown, retry?: () => unknown): void;
  /** Shows a sentence with a button. */
  offer(text: string, label: string, action: () => unknown): void;
  /** Removes an error that no longer applies. */
  clearError(): void;
  /** Shows the progress of `load({ onProgress: status.loading })`. */
  loading(progress: LoadProgress): void;
}

const MEGA = 1e6;
const PHASES = {
  download: 'Downloading the weights',
  convert: 'Converting the weights',
  fetch: 'Downloading the network',
  verify: 'Verifying the download',
  decode: 'Unpacking',
  upload: 'Preparing',
  'warm-up': 'Warming up',
};

/** Fills a `<div class="status">` of the page. */
export function statusLine(element: HTMLElement): StatusLine {
  const line = Object.assign(document.createElement('p'), { role: 'status' });
  const bar = Object.assign(document.createElement('progress'), {
    max: 1,
    hidden: true,
    ariaLabel: 'Progress',
  });
  let act = () => {};
  const action = button('', () => act(), { hidden: true });
  element.append(line, bar, action);
  const render = (
    text: string,
    { bad = false, share }: { bad?: boolean; share?: number | undefined } = {},
  ) => {
    line.textContent = text;
    action.hidden = true;
    element.classList.toggle('bad', bad);
    bar.hidden = share === undefined;
    if (share !== undefined && share >= 0) bar.value = share;
    else bar.removeAttribute('value'); // indeterminate
  };
  const offer = (label: string, then: () => unknown) => {
    action.textContent = label;
    action.hidden = false;
    act = () => void then();
  };
  return {
    show: (text) => render(text),
    progress: (text, share = -1) => render(text, { share }),
    fail(error, retry) {
      const text = errorMessage(error);
      if (text === undefined) return;
      render(text, { bad: true });
      const isOffline = (error as Error).name === 'WeightsError' && !navigator.onLine;
      const again = retry ?? (isOffline ? () => location.reload() : undefined);
      if (again) offer('Retry', again);
    },
    offer(text, label, then) {
      render(text);
      offer(label, then);
    },
    clearError() {
      if (element.classList.contains('bad')) render('');
    },
    loading({ phase, loaded, total }) {
      const part =
        phase === 'warm-up'
          ? `layer ${loaded} of ${total}`
          : `${(loaded / MEGA).toFixed(1)} of ${(total / MEGA).toFixed(1)} MB`;
      render(`${PHASES[phase]}: ${part}`, { share: total > 0 ? loaded / total : -1 });
    },
  };
}
