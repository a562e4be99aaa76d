/** thumbStrip: the small pictures of one class, newest first, each with a button that removes it. */
import { button, make } from '../gallery/elements';
import type { ClassPicture } from './album';
import { inWords } from '../gallery/inWords';

/** `waiting`: not looked at yet; `seen`: learnt from; `kept`: kept back to measure by. */
export type Mark = 'waiting' | 'seen' | 'kept';

export interface ThumbStrip {
  readonly element: HTMLElement;
  show(pictures: readonly ClassPicture[]): void;
  /** Shows how far training has come with these pictures; undefined takes the marks away. */
  mark(pictures: ReadonlySet<ClassPicture>, as: Mark | undefined): void;
}

/** More are shown when asked for: thousands of buttons would be a long way for the keyboard. */
const SHOWN = 48;

export function thumbStrip(onRemove: (picture: ClassPicture) => void): ThumbStrip {
  const items = new Map<ClassPicture, HTMLElement>();
  const strip = make('ul', { className: 'thumbs' });
  const more = button('', () => showAll(), { className: 'quiet more' });
  let pictures: readonly ClassPicture[] = [];
  let shown = SHOWN;

  function item(picture: ClassPicture): HTMLElement {
    const remove = button('×', () => {
      const next = (made.nextElementSibling ?? made.previousElementSibling)?.querySelector(
        'button',
      );
      onRemove(picture);
      next?.focus();
    });
    remove.ariaLabel = `Remove ${picture.name}`;
    const image = make('img', {
      alt: picture.name,
      title: picture.name,
      loading: 'lazy',
      decoding: 'async',
      width: 64,
      height: 64,
    });
    image.src = picture.thumbnail;
    const made = make('li', {}, image, remove);
    return made;
  }

  function showAll() {
    shown = Infinity;
    draw();
    strip.querySelectorAll('button')[SHOWN]?.focus();
  }

  function draw() {
    const wanted = pictures.slice(-shown).reverse();
    const keep = new Set(wanted);
    for (const [picture, element] of items) {
      if (keep.has(picture)) continue;
      element.remove();
      items.delete(picture);
    }
    wanted.forEach((picture, i) => {
      const element = items.get(picture) ?? item(picture);
      items.set(picture, element);
      if (strip.children[i] !== element) strip.insertBefore(element, strip.children[i] ?? null); // moves none that is in place: focus stays
    });
    more.hidden = pictures.length <= wanted.length;
    more.textContent = `Show ${inWords(pictures.length - wanted.length, 'more', 'more')}`;
  }

  return {
    element: make('div', { className: 'strip' }, strip, more),
    show(now) {
      pictures = now;
      draw();
    },
    mark(some, as) {
      for (const [picture, element] of items) {
        if (!some.has(picture)) continue;
        if (as) element.dataset.mark = as;
        else delete element.dataset.mark;
      }
    },
  };
}
