/** learningCurves: a live chart of training, drawn with uPlot in the page's colors. */
import uPlot from 'uplot';
import { createElement, observeSize } from './elements';

export interface Curve {
  /** Name in the legend. */
  name: string;
  /** CSS custom property with the color. @default '--tower-1', then '--tower-2', … */
  color?: string;
  /** Y axis; `'accuracy'` is in percent. @default 'loss' */
  scale?: 'loss' | 'accuracy';
  /** Whether the line is dashed, as for validation values. @default false */
  dashed?: boolean;
}

/** A labeled dashed line across the plot, at an x or a y value. */
export type ReferenceLine = { text: string; color?: string } & (
  { x: number } | { y: number; scale: 'loss' | 'accuracy' }
);

export interface LearningCurves {
  /** Adds a point. A curve without a value at this x skips it. */
  add(x: number, values: readonly (number | undefined)[]): void;
  /** Adds a reference line, which stays until `clear()`. */
  addLine(line: ReferenceLine): void;
  clear(): void;
}

/** uPlot passes undefined for a point that has been cleared. */
type Value = number | null | undefined;

const percent = (value: Value) =>
  typeof value === 'number' ? `${Math.round(100 * value)} %` : '–';
const plain = (value: Value) => (typeof value === 'number' ? value.toFixed(3) : '–');

/** Draws a chart in an element of the page. `label` names the x axis. */
export function learningCurves(
  element: HTMLElement,
  lines: readonly Curve[],
  { label = 'step', height = 240 } = {},
): LearningCurves {
  const probe = createElement('span', { hidden: true });
  element.append(probe);
  /** Resolves a custom property in the current color scheme: a canvas cannot use light-dark(). */
  const color = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const data: (number | null)[][] = [[], ...lines.map(() => [])];
  element.classList.add('curves');
  element.setAttribute('role', 'img');
  const scales = new Set(lines.map(({ scale = 'loss' }) => scale));
  const axis = {
    stroke: () => color('--soft'),
    grid: { stroke: () => color('--line'), width: 1 },
    ticks: { show: false },
  };
  const referenceLines: ReferenceLine[] = [];
  const plot = new uPlot(
    {
      width: element.clientWidth || 320,
      height,
      cursor: { drag: { x: false, y: false } },
      hooks: {
        draw: [
          (drawn) => {
            for (const line of referenceLines)
              drawReferenceLine(drawn, line, color(line.color ?? '--soft'));
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
        ...lines.map(({ name, color: property, scale = 'loss', dashed }, i) => ({
          label: name,
          scale,
          width: 2,
          spanGaps: true,
          stroke: () => color(property ?? `--tower-${(i % 2) + 1}`),
          ...(dashed && { dash: [6, 5] }),
          value: (_: uPlot, value: Value) => (scale === 'accuracy' ? percent(value) : plain(value)),
        })),
      ],
    },
    data as uPlot.AlignedData,
    element,
  );
  observeSize(element, () => {
    if (plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
  let drawing = 0;
  const draw = () => {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      plot.setData(data as uPlot.AlignedData);
      if (plot.cursor.idx == null && data[0]!.length > 0)
        // Show the latest values unless the cursor is on others.
        plot.setLegend({ idx: data[0]!.length - 1 });
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
    addLine(line) {
      referenceLines.push(line);
      draw();
    },
    clear() {
      for (const column of data) column.length = 0;
      referenceLines.length = 0;
      draw();
    },
  };
}

/** Puts the label at the left of a horizontal line, or at the top of a vertical one. */
function drawReferenceLine(
  { ctx, bbox, valToPos }: uPlot,
  line: ReferenceLine,
  color: string,
): void {
  const pixel = uPlot.pxRatio;
  const { left, top, width, height } = bbox;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = 1.5 * pixel;
  ctx.setLineDash([4 * pixel, 4 * pixel]);
  ctx.font = `600 ${12 * pixel}px system-ui, sans-serif`;
  ctx.beginPath();
  if ('x' in line) {
    const x = valToPos(line.x, 'x', true);
    const toTheLeft = x > left + width / 2;
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.textAlign = toTheLeft ? 'right' : 'left';
    ctx.fillText(line.text, x + (toTheLeft ? -5 : 5) * pixel, top + 12 * pixel);
  } else {
    const y = valToPos(line.y, line.scale, true);
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.textAlign = 'left';
    ctx.fillText(line.text, left + 5 * pixel, y - 5 * pixel);
  }
  ctx.stroke();
  ctx.restore();
}
