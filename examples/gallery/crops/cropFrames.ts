/** cropFrames: draws the frames of views over the picture. */
import type { View } from 'alexnet-ts/training';
import { createElement } from '../elements';
import type { SourceImage } from './sourceImage';

const svg = <Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
};

export interface CropFramesOptions {
  views: readonly View[];
  /** Accessible name of the drawing. */
  label: string;
  /** Number of different colors, which repeat. @default one per view */
  colors?: number;
}

/**
 * Fills an element of the page. Dims everything outside the central square. Frames of mirrored
 * views are dashed.
 */
export function showCropFrames(
  element: HTMLElement,
  { picture, preprocessing }: SourceImage,
  { views, label, colors = views.length }: CropFramesOptions,
): void {
  const { width, height, url } = picture;
  const { resize, crop } = preprocessing;
  if (element.dataset.picture !== url) {
    const side = Math.min(width, height);
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' });
    const outside = `M0 0H${width}V${height}H0Z M${left} ${top}v${side}h${side}v${-side}Z`;
    drawing.append(
      svg('path', { d: outside, class: 'outside' }),
      svg('g', { transform: `translate(${left} ${top}) scale(${side / resize})` }),
    );
    element.dataset.picture = url;
    element.classList.add('framed');
    element.style.width = `min(100%, ${(20 * width) / height}rem)`;
    element.replaceChildren(createElement('img', { src: url, alt: '' }), drawing);
  }
  element.querySelector('svg')!.setAttribute('aria-label', label);
  const group = element.querySelector('g')!;
  while (group.childElementCount > views.length) group.lastElementChild!.remove();
  views.forEach(({ left, top, mirrored }, i) => {
    const frame =
      group.children[i] ??
      group.appendChild(
        svg('rect', { width: crop, height: crop, class: `frame color-${(i % colors) + 1}` }),
      );
    frame.classList.toggle('mirrored', mirrored);
    // Animated by the style sheet.
    (frame as SVGRectElement).style.transform = `translate(${left}px, ${top}px)`;
  });
}
