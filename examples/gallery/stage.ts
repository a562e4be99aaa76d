/** stage: what the network sees of a picture, with a heat map laid over it and a frame drawn on it, each at its place. */
import { make } from './elements';
import { drawMap } from './maps';

export interface Square {
  /** Of the upper left corner, in pixels of the view. */
  row: number;
  column: number;
  side: number;
}

export interface Stage {
  /** The view, of `side` × `side` pixels. */
  show(view: HTMLCanvasElement): void;
  /**
   * Lays `count` × `count` shares of [0, 1] over it, whose middles are `step` pixels of the view apart. As all layers of the network
   * are laid out the same from every side, so is the map: it lies in the middle.
   */
  lay(
    count: number,
    step: number,
    share: (row: number, column: number) => number,
    alpha?: number | ((share: number) => number),
  ): void;
  /** Takes the map and the frame away. */
  clear(): void;
  /** Draws a frame around a part, or none. */
  frame(square: Square | undefined): void;
}

/** Silent places are dimmed, the strongest shine. */
const spotlight = (share: number) => 0.5 + 0.4 * share;

/** Fills `<div class="stage">`; `label` is what a screen reader calls the picture. */
export function stage(element: HTMLElement, label: string): Stage {
  const map = make('canvas', { hidden: true, ariaHidden: 'true' });
  const frame = make('span', { className: 'frame', hidden: true });
  let view: HTMLCanvasElement | undefined;
  let side = 1;
  const percent = (pixels: number) => `${(100 * pixels) / side}%`;
  element.classList.add('stage');
  element.append(map, frame);
  return {
    show(canvas) {
      view?.remove();
      view = canvas;
      side = canvas.width;
      canvas.role = 'img';
      canvas.ariaLabel = label;
      element.prepend(canvas);
    },
    lay(count, step, share, alpha = spotlight) {
      drawMap(map, count, count, share, alpha);
      const margin = percent((side - count * step) / 2);
      Object.assign(map.style, {
        left: margin,
        top: margin,
        width: percent(count * step),
        height: percent(count * step),
      });
      map.hidden = false;
    },
    clear() {
      map.hidden = true;
      frame.hidden = true;
    },
    frame(square) {
      frame.hidden = !square;
      if (!square) return;
      const { row, column, side: length } = square;
      Object.assign(frame.style, {
        left: percent(column),
        top: percent(row),
        width: percent(length),
        height: percent(length),
      });
    },
  };
}
