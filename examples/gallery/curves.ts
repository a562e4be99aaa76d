/** curves: lines that grow while something trains, drawn by uPlot in the page's colours, with their last values in words. */
import uPlot from 'uplot';
import { make } from './elements';

export interface CurveLine {
  /** Its name in the legend. */
  name: string;
  /** A custom property of the style sheet. @default '--tower-1', then '--tower-2', … */
  colour?: string;
  /** `'accuracy'` has its own axis, in percent. @default 'loss' */
  scale?: 'loss' | 'accuracy';
  /** Drawn broken, as for what is measured on pictures kept back. @default false */
  dashed?: boolean;
}

/** A broken line across the plot, at an x or at a y of one of the scales, with a few words. */
export type Mark = { text: string; colour?: string } & (
  { x: number } | { y: number; scale: 'loss' | 'accuracy' }
);

export interface Curves {
  /** One more point; a line without a value here is not drawn through it. */
  add(x: number, values: readonly (number | undefined)[]): void;
  /** Stays until `clear()`. */
  mark(mark: Mark): void;
  clear(): void;
}

const percent = (value: number | null) => (value === null ? '–' : `${Math.round(100 * value)} %`);
const plain = (value: number | null) => (value === null ? '–' : value.toFixed(3));

/** Fills an element of the page; `label` names the x axis. */
export function curves(
  element: HTMLElement,
  lines: readonly CurveLine[],
  { label = 'step', height = 240 } = {},
): Curves {
  const probe = make('span', { hidden: true });
  element.append(probe);
  /** What a custom property is in the scheme of now: a canvas does not know light-dark(). */
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const data: (number | null)[][] = [[], ...lines.map(() => [])];
  element.classList.add('curves');
  element.setAttribute('role', 'img');
  const scales = new Set(lines.map(({ scale = 'loss' }) => scale));
  const axis = {
    stroke: () => colour('--soft'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const marks: Mark[] = [];
  const plot = new uPlot(
    {
      width: element.clientWidth || 320,
      height,
      cursor: { drag: { x: false, y: false } },
      hooks: {
        draw: [
          (drawn) => {
            for (const mark of marks) drawMark(drawn, mark, colour(mark.colour ?? '--soft'));
          },
        ],
      },
      scales: {
        x: { time: false },
        loss: { range: (_, low, high) => [Math.min(0, low), high || 1] },
        accuracy: { range: [0, 1] },
      },
      axes: [
        { ...axis, label, labelSize: 22, size: 34 },
        ...(scales.has('loss') ? [{ ...axis, scale: 'loss', size: 44 }] : []),
        ...(scales.has('accuracy')
          ? [
              {
                ...axis,
                scale: 'accuracy',
                side: scales.has('loss') ? 1 : 3,
                size: 52,
                grid: { show: !scales.has('loss') },
                values: (_: uPlot, ticks: number[]) => ticks.map(percent),
              },
            ]
          : []),
      ],
      series: [
        { label },
        ...lines.map(({ name, colour: property, scale = 'loss', dashed }, i) => ({
          label: name,
          scale,
          width: 2,
          spanGaps: true,
          stroke: () => colour(property ?? `--tower-${(i % 2) + 1}`),
          ...(dashed && { dash: [6, 5] }),
          value: (_: uPlot, value: number | null) =>
            scale === 'accuracy' ? percent(value) : plain(value),
        })),
      ],
    },
    data as uPlot.AlignedData,
    element,
  );
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height })).observe(element);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
  let drawing = 0;
  const draw = () => {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      plot.setData(data as uPlot.AlignedData);
      if (plot.cursor.idx == null && data[0]!.length > 0)
        plot.setLegend({ idx: data[0]!.length - 1 }); // the last values, unless one points at others
      const last = lines.map(({ name, scale }, i) => {
        const value = data[i + 1]!.findLast((each) => each !== null) ?? null;
        return `${name} ${scale === 'accuracy' ? percent(value) : plain(value)}`;
      });
      element.setAttribute(
        'aria-label',
        `Curves at ${label} ${data[0]!.at(-1) ?? 0}: ${last.join(', ')}`,
      );
    });
  };
  draw();
  return {
    add(x, values) {
      data[0]!.push(x);
      lines.forEach((_, i) => data[i + 1]!.push(values[i] ?? null));
      draw();
    },
    mark(mark) {
      marks.push(mark);
      draw();
    },
    clear() {
      for (const column of data) column.length = 0;
      marks.length = 0;
      draw();
    },
  };
}

/** The words stand at the left end of a level, and at the top of what marks an x, on the side that has room. */
function drawMark({ ctx, bbox, valToPos }: uPlot, mark: Mark, colour: string): void {
  const pixel = uPlot.pxRatio;
  const { left, top, width, height } = bbox;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5 * pixel;
  ctx.setLineDash([4 * pixel, 4 * pixel]);
  ctx.font = `600 ${12 * pixel}px system-ui, sans-serif`;
  ctx.beginPath();
  if ('x' in mark) {
    const x = valToPos(mark.x, 'x', true);
    const toTheLeft = x > left + width / 2;
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.textAlign = toTheLeft ? 'right' : 'left';
    ctx.fillText(mark.text, x + (toTheLeft ? -5 : 5) * pixel, top + 12 * pixel);
  } else {
    const y = valToPos(mark.y, mark.scale, true);
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.textAlign = 'left';
    ctx.fillText(mark.text, left + 5 * pixel, y - 5 * pixel);
  }
  ctx.stroke();
  ctx.restore();
}
