/** undoBar: says what was deleted, with a button that brings it back. */
import { button, createElement } from '../gallery/elements';
import type { Undo } from './trainingSet';

/** Time for which a deletion can be undone, in ms. */
const SHOWN = 60_000;

export interface UndoBar {
  /** Offers to undo a deletion, instead of an earlier one. */
  offer(text: string, undo: Undo): void;
}

export function undoBar(): UndoBar {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let undo: Undo = () => {};
  const line = createElement('p', { role: 'status' });
  const bar = createElement('div', { className: 'undo', hidden: true });
  const hide = () => {
    clearTimeout(timer);
    bar.hidden = true;
    line.textContent = '';
  };
  const undoButton = button('Undo', () => {
    const revert = undo;
    hide();
    revert();
  });
  bar.append(line, undoButton, button('×', hide, { ariaLabel: 'Close', className: 'remove' }));
  document.querySelector('main')!.append(bar);
  return {
    offer(text, revert) {
      undo = revert;
      bar.hidden = false;
      line.textContent = text;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!bar.matches(':focus-within, :hover')) hide();
      }, SHOWN);
    },
  };
}
