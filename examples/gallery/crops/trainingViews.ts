/** trainingViews: random views as in training, with their frames; on demand or as a slide show. */
import { drawView, random } from 'alexnet-ts/training';
import { byId, createElement } from '../elements';
import { showCropFrames } from './cropFrames';
import { drawOnto, formatShift, type SourceImage } from './sourceImage';

const VIEWS = 6;

/** Uses the elements of index.html. */
export function trainingViews(): { show(source: SourceImage): Promise<void> } {
  const uniform = random(Math.floor(2 ** 31 * Math.random()));
  const list = byId('training-views');
  const play = byId('play');
  let source: SourceImage | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  async function draw() {
    if (!source) return;
    const { preprocessing, colors } = source;
    const drawn: Promise<void>[] = [];
    const views = Array.from({ length: VIEWS }, () => drawView(uniform, preprocessing, {}, colors));
    showCropFrames(byId('training-frames'), source, {
      views,
      label: `Positions of the ${VIEWS} crops`,
    });
    views.forEach((view, i) => {
      const { left, top, mirrored, shift } = view;
      const item =
        list.children[i] ??
        list.appendChild(
          createElement(
            'li',
            { className: `color-${i + 1}` },
            createElement('canvas', { role: 'img' }),
            '',
          ),
        );
      const canvas = item.querySelector('canvas')!;
      drawn.push(drawOnto(canvas, source!, view));
      canvas.ariaLabel = `Crop ${i + 1}`;
      canvas.title = formatShift(shift);
      item.lastChild!.replaceWith(
        createElement('span', {}, `${left}, ${top}${mirrored ? ' mirrored' : ''}`),
      );
    });
    await Promise.all(drawn);
  }

  function pause() {
    clearInterval(timer);
    timer = undefined;
    play.textContent = 'Play';
  }

  byId('draw').addEventListener('click', () => {
    pause();
    void draw();
  });
  play.addEventListener('click', () => {
    if (timer) return pause();
    void draw();
    const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;
    timer = setInterval(() => document.hidden || void draw(), reducedMotion ? 4000 : 1600);
    play.textContent = 'Pause';
  });

  return {
    show(chosen) {
      source = chosen;
      const { resize, crop } = chosen.preprocessing;
      const positions = resize - crop + 1;
      byId('training-note').textContent =
        `The shorter side is resized to ${resize} pixels. A crop is ${crop} × ${crop} pixels of the central square, ` +
        `at one of ${positions * positions} positions (left, top), and may be mirrored (dashed frame). ` +
        'The paper crops 224 of 256 pixels.';
      return draw();
    },
  };
}
