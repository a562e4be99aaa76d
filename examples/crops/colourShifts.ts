/** colourShifts: the principal colours of a picture, a shift along them by hand, and shifts drawn as training draws them. */
import {
  centreView,
  colourShift,
  drawView,
  random,
  type Colour,
  type PrincipalColours,
} from 'alexnet-ts/training';
import { byId, make } from '../gallery/elements';
import { drawInto, shiftInWords, type Square } from './square';

const SHIFTS = 5;
/** What drawView takes of the generator for each view. */
const NUMBERS = 9;

/** The section's elements are those of index.html. */
export function colourShifts(): { show(square: Square): void } {
  const uniform = random(Math.floor(2 ** 31 * Math.random()));
  const sliders = ['First', 'Second', 'Third'].map(slider);
  const deviation = byId<HTMLInputElement>('deviation');
  const list = byId('shifts');
  let square: Square | undefined;
  let numbers: number[][] = [];
  let waiting = 0;

  byId('strengths').append(...sliders.map(({ row }) => row));
  list.append(
    ...Array.from({ length: SHIFTS + 1 }, () =>
      make('li', {}, make('canvas', { role: 'img' }), make('span')),
    ),
  );

  function byHand() {
    const strengths = sliders.map(({ input }) => Number(input.value)) as unknown as Colour;
    const shift = colourShift(strengths, square!.colours);
    drawInto(byId<HTMLCanvasElement>('shifted'), square!, {
      ...centreView(square!.preprocessing),
      shift,
    });
    sliders.forEach(({ value }, i) => (value.textContent = strengths[i]!.toFixed(1)));
    byId('levels').textContent = `Added to every pixel, of 255 levels: ${shiftInWords(shift)}.`;
  }

  function drawn() {
    const { preprocessing, colours } = square!;
    const colour = Number(deviation.value);
    byId('deviation-value').textContent = colour.toFixed(2);
    const shown = numbers.map((own) => {
      let next = 0; // the same numbers again: the slider makes the same shifts stronger
      return drawView(
        () => own[next++]!,
        preprocessing,
        { crop: false, mirror: false, colour },
        colours,
      );
    });
    [centreView(preprocessing), ...shown].forEach((view, i) => {
      const [canvas, caption] = list.children[i]!.children as unknown as [
        HTMLCanvasElement,
        HTMLElement,
      ];
      drawInto(canvas, square!, view);
      canvas.ariaLabel = i === 0 ? 'The picture as it is' : `Shift ${i}`;
      caption.textContent = i === 0 ? 'as it is' : shiftInWords(view.shift);
    });
  }

  /** Sliders tell of more changes than a screen can show. */
  const soon = (work: () => void) => () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(work);
  };
  for (const { input } of sliders) input.addEventListener('input', soon(byHand));
  deviation.addEventListener('input', soon(drawn));
  byId('reset').addEventListener('click', () => {
    for (const { input } of sliders) input.value = '0';
    byHand();
  });
  const drawAnew = () => {
    numbers = Array.from({ length: SHIFTS }, () => Array.from({ length: NUMBERS }, uniform));
    drawn();
  };
  byId('draw-shifts').addEventListener('click', drawAnew);

  return {
    show(chosen) {
      square = chosen;
      sliders.forEach(({ swatch, says }, i) => {
        swatch.style.background = gradient(chosen.colours, i);
        says.textContent = `standard deviation ${(255 * Math.sqrt(chosen.colours.values[i]!)).toFixed(1)} levels`;
      });
      drawInto(byId<HTMLCanvasElement>('plain'), chosen, centreView(chosen.preprocessing));
      byHand();
      drawAnew();
    },
  };
}

function slider(name: string) {
  const input = make('input', { type: 'range', min: '-5', max: '5', step: '0.1', value: '0' });
  const [swatch, says, value] = [
    make('span', { className: 'swatch' }),
    make('small'),
    make('output', {}, '0.0'),
  ];
  const row = make(
    'label',
    { className: 'slide' },
    make('span', {}, `${name} `, says),
    swatch,
    input,
    value,
  );
  return { row, input, swatch, says, value };
}

/** From grey as far as the colour goes, either way. */
function gradient({ vectors }: PrincipalColours, i: number): string {
  const most = Math.max(...vectors[i]!.map(Math.abs));
  const end = (sign: number) =>
    `rgb(${vectors[i]!.map((part) => Math.round(128 + (sign * 127 * part) / most)).join(' ')})`;
  return `linear-gradient(90deg, ${end(-1)}, rgb(128 128 128), ${end(1)})`;
}
