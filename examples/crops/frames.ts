/** frames: where views lie, drawn upon the picture that they are cut out of. */
import type { View } from 'alexnet-ts/training';
import { make } from '../gallery/elements';
import type { Square } from './square';

const svg = <Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
};

/** Fills an element. What lies outside the central square is dimmed; frames of mirrored views are broken lines. */
export function showFrames(
  element: HTMLElement,
  { picture, preprocessing }: Square,
  views: readonly View[],
  name: string,
  colours = views.length,
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
    element.replaceChildren(make('img', { src: url, alt: '' }), drawing);
  }
  element.querySelector('svg')!.setAttribute('aria-label', name);
  const group = element.querySelector('g')!;
  while (group.childElementCount > views.length) group.lastElementChild!.remove();
  views.forEach(({ left, top, mirrored }, i) => {
    const frame =
      group.children[i] ??
      group.appendChild(
        svg('rect', { width: crop, height: crop, class: `frame colour-${(i % colours) + 1}` }),
      );
    frame.classList.toggle('mirrored', mirrored);
    (frame as SVGRectElement).style.transform = `translate(${left}px, ${top}px)`; // glides there, where motion is welcome
  });
}
