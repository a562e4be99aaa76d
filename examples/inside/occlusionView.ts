/** occlusionView: the part of the page that covers the picture place by place, and draws what that does to the answer. */
import type { Model } from 'alexnet-ts';
import { drawViews } from '../classify/drawViews';
import { byId } from '../gallery/elements';
import { drawMap } from '../gallery/maps';
import type { Picture } from '../gallery/picture';
import { stage } from '../gallery/stage';
import { status } from '../gallery/status';
import { coarser, coarseToFine, coverer, squareOf, stepOf, type Grid } from './occlusion';

/** Pictures that go through the network at once: few, so that Cancel is heard. */
const BATCH = 4;
/** The picture shows where covering it does no harm; where it does, the map hides it. */
const veil = (share: number) => Math.min(0.85, 1.4 * (1 - share));

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export interface OcclusionView {
  /** Another picture: what was under way ends. */
  show(picture: Picture): Promise<void>;
}

export function occlusionView(
  model: Pick<Model, 'classify' | 'preprocess' | 'preprocessing' | 'labels'>,
): OcclusionView {
  const report = status(byId('occlusion-status'));
  const look = stage(
    byId('occlusion-stage'),
    'What the network sees of your picture, and where covering it hurts',
  );
  const cover = byId<HTMLButtonElement>('cover');
  const cancel = byId<HTMLButtonElement>('cancel');
  const [size, count] = [byId<HTMLInputElement>('size'), byId<HTMLInputElement>('count')];
  const side = model.preprocessing.inputSize;
  let picture: Picture | undefined;
  let running: AbortController | undefined;

  drawMap(byId<HTMLCanvasElement>('ramp'), 1, 64, (_, column) => column / 63, veil);
  const say = () => {
    byId('size-said').textContent = `${size.value} of ${side} px wide`;
    byId('count-said').textContent = `${count.value} × ${count.value}`;
  };
  size.addEventListener('input', say);
  count.addEventListener('input', say);
  say();

  function draw(grid: Grid, found: ReadonlyMap<string, number>, whole: number) {
    const at = (row: number, column: number) => found.get(`${row} ${column}`);
    const top = Math.max(whole, ...found.values());
    look.lay(
      grid.count,
      stepOf(side, grid),
      (row, column) => {
        const place = coarser((r, c) => at(r, c) !== undefined, row, column);
        return (place ? at(...place)! : top) / top;
      },
      veil,
    );
    byId('legend-high').textContent = percent(top);
    const [worst, least] = [...found].reduce((a, b) => (b[1] < a[1] ? b : a));
    const [row, column] = worst.split(' ').map(Number) as [number, number];
    const square = squareOf(side, grid, row, column);
    look.frame(square);
    return { square, least };
  }

  async function run() {
    if (!picture) return;
    running?.abort();
    const { signal } = (running = new AbortController());
    const grid: Grid = { size: Number(size.value), count: Number(count.value) };
    const places = coarseToFine(grid.count);
    const found = new Map<string, number>();
    cover.disabled = true;
    cancel.disabled = false;
    byId('worst').textContent = '';
    look.clear();
    const shown = picture;
    try {
      report.progress('Looking at the whole picture …', 0);
      const paint = await coverer(shown.url, model.preprocessing);
      const [whole] = await model.classify(paint(), { topK: 1, signal });
      const { index, label, probability } = whole!;
      for (let from = 0; from < places.length; from += BATCH) {
        const some = places.slice(from, from + BATCH);
        const canvases = some.map(([row, column]) => paint(squareOf(side, grid, row, column)));
        const answers = await model.classify(canvases, { topK: model.labels.length, signal });
        await new Promise((resume) => setTimeout(resume)); // on the main thread nothing else lets Cancel be heard
        signal.throwIfAborted();
        some.forEach(([row, column], i) =>
          found.set(
            `${row} ${column}`,
            answers[i]!.find((each) => each.index === index)!.probability,
          ),
        );
        const { square, least } = draw(grid, found, probability);
        report.progress(
          `Covered ${found.size} of ${places.length} places`,
          found.size / places.length,
        );
        byId('worst').textContent =
          found.size === places.length
            ? `Uncovered, it is ${label} at ${percent(probability)}. Covering pixels ${square.column} to ${square.column + square.side - 1} across and ${square.row} to ${square.row + square.side - 1} down hurts most: ${percent(least)}.`
            : '';
      }
      report.say(`Covered all ${places.length} places of ${shown.name}.`);
    } catch (error) {
      if (signal.aborted)
        report.say(
          found.size ? `Cancelled after ${found.size} of ${places.length} places.` : 'Cancelled.',
        );
      else report.fail(error);
    } finally {
      if (running?.signal === signal) {
        cover.disabled = false;
        cancel.disabled = true;
      }
    }
  }
  cover.addEventListener('click', () => void run());
  cancel.addEventListener('click', () => running?.abort());

  return {
    async show(given) {
      running?.abort();
      picture = given;
      const [view] = drawViews(await model.preprocess(given.blob), model.preprocessing);
      if (picture !== given) return;
      look.clear();
      look.show(view!);
      byId('worst').textContent = '';
      report.say('');
      cover.disabled = false;
    },
  };
}
