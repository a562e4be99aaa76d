/** thumbnailStrip: the thumbnails of a class, newest first, each with a Remove button. */
import { button, createElement } from '../gallery/elements';
import type { ClassPicture } from './trainingSet';
import { countOf } from '../gallery/format';

/** During training: not processed yet, used for training, or used for validation. */
export type PictureState = 'pending' | 'training' | 'validation';

export interface ThumbnailStrip {
  readonly element: HTMLElement;
  show(pictures: readonly ClassPicture[]): void;
  /** Marks the state of pictures; undefined removes the marks. */
  mark(pictures: ReadonlySet<ClassPicture>, state: PictureState | undefined): void;
}

/** Number shown before "Show more", to limit the number of tab stops. */
const FIRST = 48;

export function thumbnailStrip(onRemove: (picture: ClassPicture) => void): ThumbnailStrip {
  const items = new Map<ClassPicture, HTMLElement>();
  const strip = createElement('ul', { className: 'thumbs' });
  const more = button('', () => showAll(), { className: 'quiet more' });
  let pictures: readonly ClassPicture[] = [];
  let shown = FIRST;

  function createItem(picture: ClassPicture): HTMLElement {
    const remove = button('×', () => {
      const next = (element.nextElementSibling ?? element.previousElementSibling)?.querySelector(
        'button',
      );
      onRemove(picture);
      next?.focus();
    });
    remove.ariaLabel = `Remove ${picture.name}`;
    const image = createElement('img', {
      alt: picture.name,
      title: picture.name,
      loading: 'lazy',
      decoding: 'async',
      width: 64,
      height: 64,
    });
    image.src = picture.thumbnail;
    const element = createElement('li', {}, image, remove);
    return element;
  }

  function showAll() {
    shown = Infinity;
    draw();
    strip.querySelectorAll('button')[FIRST]?.focus();
  }

  function draw() {
    const visible = pictures.slice(-shown).reverse();
    const keep = new Set(visible);
    for (const [picture, element] of items) {
      if (keep.has(picture)) continue;
      element.remove();
      items.delete(picture);
    }
    visible.forEach((picture, i) => {
      const element = items.get(picture) ?? createItem(picture);
      items.set(picture, element);
      // Moving an element would lose focus.
      if (strip.children[i] !== element) strip.insertBefore(element, strip.children[i] ?? null);
    });
    more.hidden = pictures.length <= visible.length;
    more.textContent = `Show ${countOf(pictures.length - visible.length, 'more', 'more')}`;
  }

  return {
    element: createElement('div', { className: 'strip' }, strip, more),
    show(current) {
      pictures = current;
      draw();
    },
    mark(marked, state) {
      for (const [picture, element] of items) {
        if (!marked.has(picture)) continue;
        if (state) element.dataset.state = state;
        else delete element.dataset.state;
      }
    },
  };
}
