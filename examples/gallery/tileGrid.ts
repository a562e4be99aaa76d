/**
 * tileGrid: many small square images in one canvas, as a listbox with one tab stop and arrow keys.
 */
import { createElement, observeSize } from './elements';

export interface TileGridOptions {
  /** Accessible name of the grid. */
  label: string;
  /** Width and height of each image, in its own pixels. */
  side: number;
  /** Smallest width of a tile, in CSS pixels. @default 44 */
  cell?: number;
  /** Writes the RGBA pixels of an image. */
  draw(index: number, pixels: Uint8ClampedArray): void;
  /** Accessible name of a tile. */
  name(index: number): string;
  /** Called for a click, Enter or Space; with `follow`, for the arrow keys too. */
  onSelect(index: number): void;
  /** Called when the mouse enters a tile, and with undefined when it leaves the grid. */
  onHover?(index: number | undefined): void;
  /** Whether the arrow keys select as they move. @default false */
  follow?: boolean;
}

export interface TileGrid {
  /** Draws these images in this order. */
  show(order: readonly number[]): void;
  /** Marks a tile as selected, or none. */
  select(index: number | undefined): void;
}

/** As for `.tile-grid` in styles/charts.css, in CSS pixels. */
const GAP = 3;
/** Possible numbers of columns. One that fills every row is preferred. */
const COLUMNS = [24, 16, 12, 8, 6, 4];
/** Time budget for drawing per frame, in ms, so that hundreds of images do not block the page. */
const PER_FRAME = 8;

/** Turns an element of the page into a grid of tiles. */
export function tileGrid(element: HTMLElement, options: TileGridOptions): TileGrid {
  const { label, side, cell = 44, draw, name, onSelect, onHover, follow = false } = options;
  const canvas = createElement('canvas', { ariaHidden: 'true' });
  const small = createElement('canvas', { width: side, height: side });
  const smallContext = small.getContext('2d', { willReadFrequently: true })!;
  const image = smallContext.createImageData(side, side);
  let order: readonly number[] = [];
  let selected: number | undefined;
  let columns = 1;
  let drawing = 0;

  element.classList.add('tile-grid');
  element.setAttribute('role', 'listbox');
  element.setAttribute('aria-label', label);
  element.replaceChildren(canvas);
  const cells = () => [...element.children].slice(1) as HTMLElement[];
  const indexOf = (target: EventTarget | null) =>
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
    // Assigning clears the canvas.
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    let next = 0;
    const drawTiles = () => {
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
      if (next < order.length) drawing = requestAnimationFrame(drawTiles);
    };
    drawTiles();
  }

  /** Keeps one tile in the tab order: the selected one, or else the first. */
  function relabel() {
    const tabbed = Math.max(order.indexOf(selected ?? -1), 0);
    cells().forEach((option, position) => {
      option.setAttribute('aria-label', name(order[position]!));
      option.setAttribute('aria-selected', String(order[position] === selected));
      option.tabIndex = position === tabbed ? 0 : -1;
    });
  }

  element.addEventListener('click', ({ target }) => {
    const position = indexOf(target);
    if (position >= 0) onSelect(order[position]!);
  });
  element.addEventListener('keydown', (event) => {
    const position = indexOf(event.target);
    if (position < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const targets: Record<string, number> = {
      ArrowRight: position + 1,
      ArrowLeft: position - 1,
      ArrowDown: position + columns,
      ArrowUp: position - columns,
      Home: 0,
      End: order.length - 1,
    };
    const isSelect = event.key === 'Enter' || event.key === ' ';
    const to = targets[event.key];
    if (to === undefined && !isSelect) return;
    event.preventDefault();
    if (isSelect) onSelect(order[position]!);
    else if (order[to!] !== undefined) {
      cells()[position]!.tabIndex = -1;
      cells()[to!]!.tabIndex = 0;
      cells()[to!]!.focus();
      if (follow) onSelect(order[to!]!);
    }
  });
  if (onHover) {
    element.addEventListener('pointerover', ({ target, pointerType }) => {
      const position = indexOf(target);
      if (pointerType !== 'touch' && position >= 0) onHover(order[position]);
    });
    element.addEventListener('pointerleave', () => onHover(undefined));
  }
  observeSize(element, paint);

  return {
    show(indices) {
      order = indices;
      const options = cells();
      for (const surplus of options.slice(order.length)) surplus.remove();
      for (let position = options.length; position < order.length; position++) {
        const option = createElement('div');
        option.setAttribute('role', 'option');
        element.append(option);
      }
      relabel();
      paint();
    },
    select(index) {
      selected = index;
      relabel();
    },
  };
}
