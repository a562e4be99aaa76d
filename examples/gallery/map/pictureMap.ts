/**
 * pictureMap: pictures on a plane, as a listbox: hover or focus enlarges one, a click opens it, and
 * a lasso selects many.
 */
import { createElement } from '../elements';
import { isInside, lasso } from './lasso';
import type { Position } from './layout';

/** A picture on the map. The same object means the same picture. */
export interface MapPicture {
  name: string;
  /** Address of a small version. */
  thumbnail: string;
}

export interface PictureInfo {
  /** The class that it belongs to. */
  label: string;
  /** The color of its frame. */
  color: string;
  /** What a model mistakes it for. */
  mistake?: string | undefined;
}

export interface PictureMapOptions<Item extends MapPicture> {
  /** Called for a click or Enter. */
  onOpen(item: Item): void;
  /** Called when other pictures are selected. */
  onSelect(items: readonly Item[]): void;
  /** Whether a finger draws a lasso, instead of scrolling the page. */
  touchLasso(): boolean;
}

export interface PictureMap<Item extends MapPicture> {
  /** Shows these pictures, removes others, and moves those whose position has changed. */
  show(positions: ReadonlyMap<Item, Position>, info: (item: Item) => PictureInfo): void;
  /** Selects these pictures. */
  select(items: readonly Item[]): void;
  readonly selected: readonly Item[];
}

/** Share of the plane that stays free on each side. */
const MARGIN = 0.06;
const SVG = 'http://www.w3.org/2000/svg';

/** Fills an element of the page. */
export function pictureMap<Item extends MapPicture>(
  element: HTMLElement,
  { onOpen, onSelect, touchLasso }: PictureMapOptions<Item>,
): PictureMap<Item> {
  const options = new Map<Item, HTMLElement>();
  let places: ReadonlyMap<Item, Position> = new Map();
  let describe: (item: Item) => PictureInfo;
  let selected: Item[] = [];
  let current: Item | undefined;

  const list = createElement('div', { className: 'plane', role: 'listbox' });
  list.setAttribute('aria-label', 'Map of the pictures');
  list.setAttribute('aria-multiselectable', 'true');
  const drawing = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  drawing.append(path);
  drawing.setAttribute('aria-hidden', 'true');
  const preview = createElement('div', { className: 'preview', hidden: true, ariaHidden: 'true' });
  element.classList.add('picture-map');
  element.replaceChildren(list, drawing, preview);

  const itemOf = (target: EventTarget | null) =>
    [...options].find(([, option]) => target instanceof Node && option.contains(target))?.[0];
  const percent = (share: number) => `${100 * (MARGIN + (1 - 2 * MARGIN) * share)}%`;

  function createOption(item: Item): HTMLElement {
    const image = createElement('img', { alt: '', draggable: false, decoding: 'async' });
    image.src = item.thumbnail;
    const option = createElement('div', { role: 'option', tabIndex: -1 }, image);
    list.append(option);
    return option;
  }

  function update() {
    for (const [item, option] of options) {
      const { label, color, mistake } = describe(item);
      const [x, y] = places.get(item)!;
      Object.assign(option.style, { left: percent(x), top: percent(y) });
      option.style.setProperty('--class', color);
      option.classList.toggle('mistake', mistake !== undefined);
      option.ariaLabel = `${item.name}, class ${label}${mistake === undefined ? '' : `, classified as ${mistake}`}`;
      option.ariaSelected = String(selected.includes(item));
      option.tabIndex = item === current ? 0 : -1;
    }
  }

  function setSelected(items: Item[]) {
    selected = items;
    update();
    onSelect(items);
  }

  function showPreview(item: Item | undefined) {
    preview.hidden = !item;
    if (!item) return;
    const { label, mistake } = describe(item);
    const [x, y] = places.get(item)!;
    const image = createElement('img', { alt: '', src: item.thumbnail });
    const text = mistake === undefined ? label : `${label}, classified as ${mistake}`;
    preview.replaceChildren(image, createElement('span', {}, text));
    // On the side where there is more room.
    preview.className = `preview ${x < 0.5 ? 'right' : 'left'} ${y < 0.5 ? 'below' : 'above'}`;
    Object.assign(preview.style, { left: percent(x), top: percent(y) });
  }

  /** Returns the nearest picture in the direction of an arrow key. */
  function neighbor(item: Item, key: string): Item | undefined {
    const [x, y] = places.get(item)!;
    const along = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[
      key
    ] as [number, number];
    let best: { item: Item; distance: number } | undefined;
    for (const [other, [left, top]] of places) {
      const [dx, dy] = [left - x, top - y];
      const ahead = dx * along[0] + dy * along[1];
      const aside = Math.abs(dx * along[1] + dy * along[0]);
      if (other === item || ahead <= 0 || aside > 2 * ahead) continue;
      const distance = ahead + 2 * aside;
      if (!best || distance < best.distance) best = { item: other, distance };
    }
    return best?.item;
  }

  function focus(item: Item) {
    current = item;
    update();
    options.get(item)!.focus();
  }

  const toggle = (item: Item) =>
    setSelected(
      selected.includes(item) ? selected.filter((each) => each !== item) : [...selected, item],
    );

  list.addEventListener('keydown', (event) => {
    const item = itemOf(event.target);
    if (!item) return;
    const isAll = event.key === 'a' && (event.ctrlKey || event.metaKey);
    if (event.key.startsWith('Arrow')) {
      const next = neighbor(item, event.key);
      if (next) focus(next);
    } else if (event.key === 'Enter') open(item);
    else if (event.key === ' ') toggle(item);
    else if (event.key === 'Escape') setSelected([]);
    else if (isAll) setSelected([...options.keys()]);
    else return;
    event.preventDefault();
  });
  list.addEventListener('click', (event) => {
    const item = itemOf(event.target);
    if (!item) return;
    current = item;
    if (event.ctrlKey || event.metaKey || event.shiftKey) toggle(item);
    else open(item);
  });
  function open(item: Item) {
    setSelected([item]);
    onOpen(item);
  }
  for (const type of ['pointerover', 'focusin'])
    list.addEventListener(type, ({ target }) => showPreview(itemOf(target)));
  for (const type of ['pointerleave', 'focusout'])
    list.addEventListener(type, () => showPreview(undefined));
  lasso(list, path, touchLasso, (line, { shiftKey }) => {
    const { width, height } = list.getBoundingClientRect();
    const within = [...places].flatMap(([item, [x, y]]) => {
      const at = [x, y].map((share) => MARGIN + (1 - 2 * MARGIN) * share) as [number, number];
      return isInside([at[0] * width, at[1] * height], line) ? [item] : [];
    });
    setSelected(shiftKey ? [...new Set([...selected, ...within])] : within);
  });

  return {
    show(positions, info) {
      places = positions;
      describe = info;
      for (const [item, option] of options) {
        if (positions.has(item)) continue;
        option.remove();
        options.delete(item);
      }
      for (const item of positions.keys())
        if (!options.has(item)) options.set(item, createOption(item));
      if (!current || !positions.has(current)) [current] = positions.keys();
      const size = positions.size <= 80 ? 2.75 : positions.size <= 250 ? 2.1 : 1.6;
      element.style.setProperty('--size', `${size}rem`);
      showPreview(undefined);
      if (selected.some((item) => !positions.has(item)))
        setSelected(selected.filter((item) => positions.has(item)));
      else update();
    },
    select: (items) => setSelected([...items]),
    get selected() {
      return selected;
    },
  };
}
