/**
 * trainingLock: allows one training at a time. Buttons with `data-trains` are disabled meanwhile.
 */
let busy = false;

function updateButtons(): void {
  for (const each of document.querySelectorAll<HTMLButtonElement>('button[data-trains]'))
    each.disabled = busy;
}

/** Marks a button that starts a training. */
export function trainingButton(element: HTMLButtonElement): HTMLButtonElement {
  element.dataset.trains = '';
  element.disabled = busy;
  return element;
}

/** Runs `work` unless another training is running. */
export async function withTrainingLock(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  updateButtons();
  try {
    await work();
  } finally {
    busy = false;
    updateButtons();
  }
}
