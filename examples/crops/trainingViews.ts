/** trainingViews: random views drawn as training draws them, with frames where they lie; one draw at a press, or a slow run of them. */
import { drawView, random } from 'alexnet-ts/training';
import { byId, make } from '../gallery/elements';
import { showFrames } from './frames';
import { drawInto, shiftInWords, type Square } from './square';

const VIEWS = 6;

/** The section's elements are those of index.html. */
export function trainingViews(): { show(square: Square): void } {
  const uniform = random(Math.floor(2 ** 31 * Math.random()));
  const list = byId('training-views');
  const play = byId('play');
  let square: Square | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  function draw() {
    if (!square) return;
    const { preprocessing, colours } = square;
    const views = Array.from({ length: VIEWS }, () =>
      drawView(uniform, preprocessing, {}, colours),
    );
    showFrames(byId('training-frames'), square, views, `Where the ${VIEWS} views lie`);
    views.forEach((view, i) => {
      const { left, top, mirrored, shift } = view;
      const item =
        list.children[i] ??
        list.appendChild(
          make('li', { className: `colour-${i + 1}` }, make('canvas', { role: 'img' }), ''),
        );
      const canvas = item.querySelector('canvas')!;
      drawInto(canvas, square!, view);
      canvas.ariaLabel = `View ${i + 1}`;
      canvas.title = shiftInWords(shift);
      item.lastChild!.replaceWith(
        make('span', {}, `${left}, ${top}${mirrored ? ' mirrored' : ''}`),
      );
    });
  }

  function pause() {
    clearInterval(timer);
    timer = undefined;
    play.textContent = 'Play';
  }

  byId('draw').addEventListener('click', () => {
    pause();
    draw();
  });
  play.addEventListener('click', () => {
    if (timer) return pause();
    draw();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    timer = setInterval(() => document.hidden || draw(), still ? 4000 : 1600);
    play.textContent = 'Pause';
  });

  return {
    show(chosen) {
      square = chosen;
      const { resize, crop } = chosen.preprocessing;
      const places = resize - crop + 1;
      byId('training-note').textContent =
        `The picture is made ${resize} pixels high or wide, whichever is shorter, and a view is ${crop} × ${crop} of its central square: ` +
        `${places * places} places, each mirrored or not (broken frames). The numbers are left and top. ` +
        `The paper cuts 224 out of 256 pixels, the same share, and counts 2048 views.`;
      draw();
    },
  };
}
