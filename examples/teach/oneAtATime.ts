/** oneAtATime: while one thing trains, the buttons that would start another wait. They carry `data-trains`. */
let busy = false;

function holdBack(): void {
  for (const each of document.querySelectorAll<HTMLButtonElement>('button[data-trains]'))
    each.disabled = busy;
}

/** A button for it: `trains(button('Train', …))`. */
export function trains(element: HTMLButtonElement): HTMLButtonElement {
  element.dataset.trains = '';
  element.disabled = busy;
  return element;
}

export async function oneAtATime(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  holdBack();
  try {
    await work();
  } finally {
    busy = false;
    holdBack();
  }
}
