/** dropoutFigure: the units of fc6, either all of them or a random half, as in training. */
import { byId } from '../gallery/elements';
import { formatCount } from '../gallery/format';
import type { Figure } from './figures';
import { drawUnits } from './mapTiles';

const UNITS_PER_ROW = 128;

export function dropoutFigure(): Figure {
  const canvas = byId<HTMLCanvasElement>('dropout-units');
  let values: Float32Array | undefined;
  let step = 0;
  let on: boolean[] | undefined;

  function draw() {
    if (!values) return;
    drawUnits(canvas, values, UNITS_PER_ROW, (unit) => on?.[unit] ?? true);
    const active = values.filter((value, unit) => value > 0 && (on?.[unit] ?? true)).length;
    const text = on
      ? `Step ${step}: ${formatCount(on.filter(Boolean).length)} of ${formatCount(values.length)} units take part, and ${formatCount(active)} of them fire.`
      : `After training, all ${formatCount(values.length)} units of fc6 take part, in the paper each with half the weight. ${formatCount(active)} of them fire on this picture.`;
    canvas.ariaLabel = text;
    byId('dropout-note').textContent = text;
  }

  byId('dropout-next').addEventListener('click', () => {
    step++;
    on = Array.from({ length: values?.length ?? 0 }, () => Math.random() < 0.5);
    draw();
  });
  byId('dropout-all').addEventListener('click', () => {
    on = undefined;
    draw();
  });
  return {
    element: byId('dropout-figure'),
    async show(scene) {
      values = (await scene.activations('fc6')).data;
      draw();
    },
  };
}
