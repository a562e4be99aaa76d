/** lasso: selects what lies within a line that is drawn with the pointer. */

type Point = readonly [x: number, y: number];

/** Whether a point is within a closed line (even-odd rule). */
export function isInside([x, y]: Point, line: readonly Point[]): boolean {
  let inside = false;
  line.forEach(([x1, y1], i) => {
    const [x2, y2] = line[(i + 1) % line.length]!;
    if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) inside = !inside;
  });
  return inside;
}

/** A line whose ends are this share of its length apart is straight. */
const STRAIGHT = 0.95;

/** Returns the line, or the corners of the rectangle around it if it is straight. */
export function outline(line: readonly Point[]): readonly Point[] {
  const distance = ([x1, y1]: Point, [x2, y2]: Point) => Math.hypot(x2 - x1, y2 - y1);
  const [[left, top], [right, bottom]] = [line[0]!, line.at(-1)!];
  const length = line.reduce((sum, point, i) => sum + distance(line[i - 1] ?? point, point), 0);
  if (distance(line[0]!, line.at(-1)!) < STRAIGHT * length) return line;
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** Shorter lines are clicks, in CSS pixels. */
const MIN_LENGTH = 12;

/**
 * Draws a lasso while the mouse is dragged, or a finger if `touch()`; a rectangle if the drag is
 * straight. `onSelect` is called with the outline in CSS pixels of the element.
 */
export function lasso(
  element: HTMLElement,
  path: SVGPathElement,
  touch: () => boolean,
  onSelect: (line: readonly Point[], event: PointerEvent) => void,
): void {
  let line: Point[] = [];
  let pointer: number | undefined;
  const position = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const draw = () => path.setAttribute('d', line.length > 1 ? `M${outline(line).join('L')}Z` : '');
  const isLong = () => {
    const [first] = line;
    return line.some(([x, y]) => Math.hypot(x - first![0], y - first![1]) > MIN_LENGTH);
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || (event.pointerType === 'touch' && !touch())) return;
    pointer = event.pointerId;
    line = [position(event)];
  });
  element.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    line.push(position(event));
    // Not before it moves: a captured pointer would take clicks from the pictures.
    if (isLong() && !element.hasPointerCapture(pointer)) element.setPointerCapture(pointer);
    draw();
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    element.addEventListener(type, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = undefined;
      const drawn = outline(line);
      const isLasso = type === 'pointerup' && isLong();
      line = [];
      draw();
      if (isLasso) onSelect(drawn, event);
    });
  }
}
