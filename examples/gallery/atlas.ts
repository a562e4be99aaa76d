/** atlas: many small square pictures in one canvas, each an option of a listbox: one tab stop for all, then the arrow keys. */
import { make } from './elements';

export interface AtlasOptions {
  /** What a screen reader calls the whole. */
  label: string;
  /** Side of each picture, in pixels of its own. */
  side: number;
  /** Least side on the screen, in CSS pixels. @default 44 */
  cell?: number;
  /** Writes a picture's red, green, blue and alpha. */
  draw(index: number, pixels: Uint8ClampedArray): void;
  /** What a screen reader calls one. */
  name(index: number): string;
  /** One was clicked, or chosen with Enter or the space bar; with `follow` also reached with the arrow keys. */
  onPick(index: number): void;
  /** The mouse is over one, or over none any more. */
  onPoint?(index: number | undefined): void;
  /** Whether moving with the keys picks. @default false */
  follow?: boolean;
}

export interface Atlas {
  /** Draws these, in this order. */
  show(order: readonly number[]): void;
  /** Marks one as picked, or none. */
  mark(index: number | undefined): void;
}

/** As in `.atlas` of the style sheet, in CSS pixels. */
const GAP = 3;
/** Numbers of columns, of which that is taken whose rows are all full, where one is. */
const COLUMNS = [24, 16, 12, 8, 6, 4];
/** Time for drawing in each frame, in ms: hundreds of pictures must not hold the page up. */
const PER_FRAME = 8;

/** Fills an element of the page. */
export function atlas(element: HTMLElement, options: AtlasOptions): Atlas {
  const { label, side, cell = 44, draw, name, onPick, onPoint, follow = false } = options;
  const canvas = make('canvas', { ariaHidden: 'true' });
  const small = make('canvas', { width: side, height: side });
  const smallContext = small.getContext('2d', { willReadFrequently: true })!;
  const image = smallContext.createImageData(side, side);
  let order: readonly number[] = [];
  let picked: number | undefined;
  let columns = 1;
  let drawing = 0;

  element.classList.add('atlas');
  element.setAttribute('role', 'listbox');
  element.setAttribute('aria-label', label);
  element.replaceChildren(canvas);
  const cells = () => [...element.children].slice(1) as HTMLElement[];
  const placeOf = (target: EventTarget | null) =>
    cells().indexOf((target as HTMLElement).closest('[role=option]') as HTMLElement);

  function paint() {
    cancelAnimationFrame(drawing);
    const width = element.clientWidth;
    if (!width) return;
    const fitting = COLUMNS.filter((each) => (width + GAP) / each - GAP >= cell);
    columns = fitting.find((each) => order.length % each === 0) ?? fitting[0] ?? COLUMNS.at(-1)!;
    element.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const step = ((width + GAP) / columns) * devicePixelRatio;
    const gap = GAP * devicePixelRatio;
    const size = [
      Math.round(width * devicePixelRatio),
      Math.round(step * Math.ceil(order.length / columns) - gap),
    ] as const;
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size; // setting them empties it
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    let next = 0;
    const some = () => {
      const end = performance.now() + PER_FRAME;
      for (; next < order.length && performance.now() < end; next++) {
        draw(order[next]!, image.data);
        smallContext.putImageData(image, 0, 0);
        const [left, top] = [
          Math.round((next % columns) * step),
          Math.round(Math.floor(next / columns) * step),
        ];
        context.drawImage(small, left, top, Math.round(step - gap), Math.round(step - gap));
      }
      if (next < order.length) drawing = requestAnimationFrame(some);
    };
    some();
  }

  /** One of them is in the tab order: the picked one, else the first. */
  function relabel() {
    const tabbed = Math.max(order.indexOf(picked ?? -1), 0);
    cells().forEach((option, place) => {
      option.setAttribute('aria-label', name(order[place]!));
      option.setAttribute('aria-selected', String(order[place] === picked));
      option.tabIndex = place === tabbed ? 0 : -1;
    });
  }

  element.addEventListener('click', ({ target }) => {
    const place = placeOf(target);
    if (place >= 0) onPick(order[place]!);
  });
  element.addEventListener('keydown', (event) => {
    const place = placeOf(event.target);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const places: Record<string, number> = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + columns,
      ArrowUp: place - columns,
      Home: 0,
      End: order.length - 1,
    };
    const chosen = event.key === 'Enter' || event.key === ' ';
    const to = places[event.key];
    if (to === undefined && !chosen) return;
    event.preventDefault();
    if (chosen) onPick(order[place]!);
    else if (order[to!] !== undefined) {
      cells()[place]!.tabIndex = -1;
      cells()[to!]!.tabIndex = 0;
      cells()[to!]!.focus();
      if (follow) onPick(order[to!]!);
    }
  });
  if (onPoint) {
    element.addEventListener('pointerover', ({ target, pointerType }) => {
      const place = placeOf(target);
      if (pointerType !== 'touch' && place >= 0) onPoint(order[place]);
    });
    element.addEventListener('pointerleave', () => onPoint(undefined));
  }
  new ResizeObserver(paint).observe(element);

  return {
    show(indices) {
      order = indices;
      const options = cells();
      for (const surplus of options.slice(order.length)) surplus.remove();
      for (let place = options.length; place < order.length; place++) {
        const option = make('div');
        option.setAttribute('role', 'option');
        element.append(option);
      }
      relabel();
      paint();
    },
    mark(index) {
      picked = index;
      relabel();
    },
  };
}
