/** mapNumbers: five by five numbers of a map around the chosen one, as buttons. */
import { button } from '../gallery/elements';
import type { Position } from './convolution';

const SIDE = 5;

export interface MapNumbers {
  /** Shows the numbers around a position of a map of `side` × `side`. */
  show(position: Position, side: number, textAt: (position: Position) => string): void;
}

export function mapNumbers(
  element: HTMLElement,
  onSelect: (position: Position) => void,
): MapNumbers {
  let corner: Position = { row: 0, column: 0 };
  const buttons = Array.from({ length: SIDE * SIDE }, (_, i) =>
    button('–', () =>
      onSelect({ row: corner.row + Math.floor(i / SIDE), column: corner.column + (i % SIDE) }),
    ),
  );
  element.append(...buttons);
  return {
    show(position, side, textAt) {
      const start = (center: number) =>
        Math.min(Math.max(center - Math.floor(SIDE / 2), 0), side - SIDE);
      const next = { row: start(position.row), column: start(position.column) };
      corner = next;
      buttons.forEach((each, i) => {
        const at = { row: next.row + Math.floor(i / SIDE), column: next.column + (i % SIDE) };
        const number = textAt(at);
        each.textContent = number;
        each.ariaLabel = `Row ${at.row + 1}, column ${at.column + 1}: ${number}`;
        each.ariaPressed = String(at.row === position.row && at.column === position.column);
      });
    },
  };
}
