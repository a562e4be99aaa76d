/** imageOverlay: an image with a heat map and a frame drawn over it. */
import { createElement } from './elements';
import { drawHeatMap, type HeatMap } from './heatMap';

/** A square part of an image, in its pixels. */
export interface Region {
  /** Of the upper left corner. */
  row: number;
  column: number;
  side: number;
}

export interface OverlayMap extends Pick<HeatMap, 'value' | 'alpha'> {
  /** Cells per side. */
  count: number;
  /** Distance between the centers of two cells, in pixels of the image. */
  step: number;
}

export interface ImageOverlay {
  /** Shows a square image. */
  showImage(image: HTMLCanvasElement): void;
  /** Shows a heat map over the image, centered: every layer of the network pads symmetrically. */
  showMap(map: OverlayMap): void;
  /** Draws a frame around a region, or removes it. */
  showFrame(region: Region | undefined): void;
  /** Removes the map and the frame. */
  clear(): void;
}

/** Dims the image where the value is low. */
const spotlight = (value: number) => 0.5 + 0.4 * value;

/** Fills an element of the page. `label` is the accessible name of the image. */
export function imageOverlay(element: HTMLElement, label: string): ImageOverlay {
  const map = createElement('canvas', { hidden: true, ariaHidden: 'true' });
  const frame = createElement('span', { className: 'frame', hidden: true });
  let image: HTMLCanvasElement | undefined;
  let side = 1;
  const percent = (pixels: number) => `${(100 * pixels) / side}%`;
  element.classList.add('image-overlay');
  element.append(map, frame);
  return {
    showImage(canvas) {
      image?.remove();
      image = canvas;
      side = canvas.width;
      canvas.role = 'img';
      canvas.ariaLabel = label;
      element.prepend(canvas);
    },
    showMap({ count, step, value, alpha = spotlight }) {
      drawHeatMap(map, { height: count, width: count, value, alpha });
      const margin = percent((side - count * step) / 2);
      const size = percent(count * step);
      Object.assign(map.style, { left: margin, top: margin, width: size, height: size });
      map.hidden = false;
    },
    showFrame(region) {
      frame.hidden = !region;
      if (!region) return;
      const size = percent(region.side);
      Object.assign(frame.style, {
        left: percent(region.column),
        top: percent(region.row),
        width: size,
        height: size,
      });
    },
    clear() {
      map.hidden = true;
      frame.hidden = true;
    },
  };
}
