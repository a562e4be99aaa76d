/** status: one line that says what a page is doing, how far it is, or what went wrong and what to do next. */
import type { LoadProgress } from 'alexnet-ts';
import { sentenceOf } from './sentenceOf';

export interface Status {
  /** What is the case now. */
  say(text: string): void;
  /** What is being done; `share` in [0, 1] where it is known. */
  progress(text: string, share?: number): void;
  /** What went wrong, as a sentence. An abort says nothing. */
  fail(error: unknown): void;
  /** For `load({ onProgress: status.loading })`. */
  loading(progress: LoadProgress): void;
}

const MEGA = 1e6;
const DOING = {
  fetch: 'Fetching the network',
  verify: 'Checking it',
  decode: 'Unpacking it',
  upload: 'Placing it',
  'warm-up': 'Warming up',
};

/** Fills `<div class="status" id="status"></div>` of the page. */
export function status(element: HTMLElement): Status {
  const line = Object.assign(document.createElement('p'), { role: 'status' });
  const bar = Object.assign(document.createElement('progress'), {
    max: 1,
    hidden: true,
    ariaLabel: 'Progress',
  });
  element.append(line, bar);
  const show = (
    text: string,
    { bad = false, share }: { bad?: boolean; share?: number | undefined } = {},
  ) => {
    line.textContent = text;
    element.classList.toggle('bad', bad);
    bar.hidden = share === undefined;
    if (share !== undefined && share >= 0) bar.value = share;
    else bar.removeAttribute('value'); // moves to and fro
  };
  return {
    say: (text) => show(text),
    progress: (text, share = -1) => show(text, { share }),
    fail(error) {
      const text = sentenceOf(error);
      if (text !== undefined) show(text, { bad: true });
    },
    loading({ phase, loaded, total }) {
      const part =
        phase === 'warm-up'
          ? `layer ${loaded} of ${total}`
          : `${(loaded / MEGA).toFixed(1)} of ${(total / MEGA).toFixed(1)} MB`;
      show(`${DOING[phase]}: ${part}`, { share: total > 0 ? loaded / total : -1 });
    },
  };
}
