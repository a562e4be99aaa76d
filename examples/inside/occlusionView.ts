/** occlusionView: runs the occlusion test and draws its result. */
import type { Model } from 'alexnet-ts';
import { drawViews } from '../gallery/drawViews';
import { byId } from '../gallery/elements';
import { drawHeatMap, heatAlpha } from '../gallery/heatMap';
import type { Picture } from '../gallery/picture';
import { imageOverlay } from '../gallery/imageOverlay';
import { statusLine } from '../gallery/statusLine';
import {
  coarseToFine,
  nearestKnown,
  occluder,
  squareAt,
  stepOf,
  type Grid,
} from '../gallery/attention/occlusion';

/** Small, so that Cancel takes effect quickly. */
const BATCH = 4;

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export interface OcclusionView {
  /** Shows a new picture and cancels a running test. */
  show(picture: Picture): Promise<void>;
}

export function occlusionView(
  model: Pick<Model, 'classify' | 'preprocess' | 'preprocessing' | 'labels'>,
): OcclusionView {
  const status = statusLine(byId('occlusion-status'));
  const overlay = imageOverlay(
    byId('occlusion-overlay'),
    'The input of the network, with a map of where covering it matters',
  );
  const start = byId<HTMLButtonElement>('run');
  const cancel = byId<HTMLButtonElement>('cancel');
  const [size, count, strength] = ['size', 'count', 'strength'].map((id) =>
    byId<HTMLInputElement>(id),
  ) as [HTMLInputElement, HTMLInputElement, HTMLInputElement];
  const side = model.preprocessing.inputSize;
  let picture: Picture | undefined;
  let running: AbortController | undefined;

  drawHeatMap(byId<HTMLCanvasElement>('ramp'), {
    height: 1,
    width: 64,
    value: (_, column) => column / 63,
    alpha: heatAlpha(1),
  });
  const showSettings = () => {
    byId('size-value').textContent = `${size.value} of ${side} px`;
    byId('count-value').textContent = `${count.value} × ${count.value}`;
    byId('strength-value').textContent = `${strength.value} %`;
  };
  let redraw = () => {};
  strength.addEventListener('input', () => {
    showSettings();
    redraw();
  });
  size.addEventListener('input', showSettings);
  count.addEventListener('input', showSettings);
  showSettings();

  function draw(grid: Grid, found: ReadonlyMap<string, number>, whole: number) {
    const at = (row: number, column: number) => found.get(`${row} ${column}`);
    const top = Math.max(whole, ...found.values());
    redraw = () =>
      overlay.showMap({
        count: grid.count,
        step: stepOf(side, grid),
        value(row, column) {
          const known = nearestKnown((r, c) => at(r, c) !== undefined, row, column);
          return known ? 1 - at(...known)! / top : 0;
        },
        alpha: heatAlpha(Number(strength.value) / 100),
      });
    redraw();
    const [worst, least] = [...found].reduce((a, b) => (b[1] < a[1] ? b : a));
    const [row, column] = worst.split(' ').map(Number) as [number, number];
    const square = squareAt(side, grid, row, column);
    overlay.showFrame(square);
    return { square, least };
  }

  async function run() {
    if (!picture) return;
    running?.abort();
    const { signal } = (running = new AbortController());
    const grid: Grid = { size: Number(size.value), count: Number(count.value) };
    const positions = coarseToFine(grid.count);
    const found = new Map<string, number>();
    start.disabled = true;
    cancel.disabled = false;
    byId('worst').textContent = '';
    overlay.clear();
    const shown = picture;
    try {
      status.progress('Classifying the whole picture …', 0);
      const cover = await occluder(shown.url, model.preprocessing);
      const [whole] = await model.classify(cover(), { topK: 1, signal });
      const { index, label, probability } = whole!;
      for (let from = 0; from < positions.length; from += BATCH) {
        const batch = positions.slice(from, from + BATCH);
        const canvases = batch.map(([row, column]) => cover(squareAt(side, grid, row, column)));
        const results = await model.classify(canvases, { topK: model.labels.length, signal });
        await new Promise((resume) => setTimeout(resume)); // lets Cancel take effect
        signal.throwIfAborted();
        batch.forEach(([row, column], i) =>
          found.set(
            `${row} ${column}`,
            results[i]!.find((each) => each.index === index)!.probability,
          ),
        );
        const { square, least } = draw(grid, found, probability);
        status.progress(
          `${found.size} of ${positions.length} positions`,
          found.size / positions.length,
        );
        byId('worst').textContent =
          found.size === positions.length
            ? `Without the square: ${label}, ${percent(probability)}. Lowest with the square at x ${square.column} to ${square.column + square.side - 1}, y ${square.row} to ${square.row + square.side - 1}: ${percent(least)}.`
            : '';
      }
      status.show(`Done: ${positions.length} positions of ${shown.name}.`);
    } catch (error) {
      if (signal.aborted)
        status.show(
          found.size
            ? `Canceled after ${found.size} of ${positions.length} positions.`
            : 'Canceled.',
        );
      else status.fail(error);
    } finally {
      if (running?.signal === signal) {
        start.disabled = false;
        cancel.disabled = true;
      }
    }
  }
  start.addEventListener('click', () => void run());
  cancel.addEventListener('click', () => running?.abort());

  return {
    async show(given) {
      running?.abort();
      picture = given;
      const input = await model.preprocess(given.blob);
      if (picture !== given) return;
      redraw = () => {};
      overlay.clear();
      overlay.showImage(drawViews(input, model.preprocessing)[0]!);
      byId('worst').textContent = '';
      status.show('');
      start.disabled = false;
    },
  };
}
