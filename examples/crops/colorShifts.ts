/**
 * colorShifts: shifts a picture's colors along its principal components, by sliders or at random.
 */
import {
  centerView,
  colorShift,
  drawView,
  random,
  type PrincipalColors,
} from 'alexnet-ts/training';
import { byId, createElement } from '../gallery/elements';
import { drawOnto, formatShift, type SourceImage } from '../gallery/crops/sourceImage';

const SHIFTS = 5;
/** Random numbers that drawView uses per view. */
const NUMBERS = 9;

/** Uses the elements of index.html. */
export function colorShifts(): { show(source: SourceImage): Promise<unknown> } {
  const uniform = random(Math.floor(2 ** 31 * Math.random()));
  const sliders = ['Component 1', 'Component 2', 'Component 3'].map(slider);
  const deviation = byId<HTMLInputElement>('deviation');
  const list = byId('shifts');
  let source: SourceImage | undefined;
  let numbers: number[][] = [];

  byId('strengths').append(...sliders.map(({ row }) => row));
  list.append(
    ...Array.from({ length: SHIFTS + 1 }, () =>
      createElement('li', {}, createElement('canvas', { role: 'img' }), createElement('span')),
    ),
  );

  function showManualShift() {
    const strengths = sliders.map(({ input }) => Number(input.value)) as unknown as Parameters<
      typeof colorShift
    >[0];
    const shift = colorShift(strengths, source!.colors);
    sliders.forEach(({ value }, i) => (value.textContent = strengths[i]!.toFixed(1)));
    byId('shift-values').textContent = `Added to every pixel (0 to 255): ${formatShift(shift)}.`;
    const view = { ...centerView(source!.preprocessing), shift };
    return drawOnto(byId<HTMLCanvasElement>('shifted'), source!, view);
  }

  function showRandomShifts() {
    const { preprocessing, colors } = source!;
    const color = Number(deviation.value);
    byId('deviation-value').textContent = color.toFixed(2);
    const shown = numbers.map((values) => {
      let next = 0; // reuses the numbers, so that the slider scales the same shifts
      return drawView(
        () => values[next++]!,
        preprocessing,
        { crop: false, mirror: false, color: color },
        colors,
      );
    });
    const views = [centerView(preprocessing), ...shown];
    const drawn = views.map((view, i) => {
      const [canvas, caption] = list.children[i]!.children as unknown as [
        HTMLCanvasElement,
        HTMLElement,
      ];
      canvas.ariaLabel = i === 0 ? 'The original picture' : `Shift ${i}`;
      caption.textContent = i === 0 ? 'original' : formatShift(view.shift);
      return drawOnto(canvas, source!, view);
    });
    return Promise.all(drawn);
  }

  for (const { input } of sliders) input.addEventListener('input', onlyLatest(showManualShift));
  deviation.addEventListener('input', onlyLatest(showRandomShifts));
  byId('reset').addEventListener('click', () => {
    for (const { input } of sliders) input.value = '0';
    void showManualShift();
  });
  const drawNewShifts = () => {
    numbers = Array.from({ length: SHIFTS }, () => Array.from({ length: NUMBERS }, uniform));
    return showRandomShifts();
  };
  byId('draw-shifts').addEventListener('click', () => void drawNewShifts());

  return {
    show(image) {
      source = image;
      sliders.forEach(({ swatch, caption }, i) => {
        swatch.style.background = gradient(image.colors, i);
        caption.textContent = `standard deviation ${(255 * Math.sqrt(image.colors.values[i]!)).toFixed(1)} of 255`;
      });
      return Promise.all([
        drawOnto(byId<HTMLCanvasElement>('plain'), image, centerView(image.preprocessing)),
        showManualShift(),
        drawNewShifts(),
      ]);
    },
  };
}

/** Runs `work` once more after it has ended if it was requested meanwhile. */
function onlyLatest(work: () => Promise<unknown>): () => Promise<void> {
  let running = false;
  let requested = false;
  return async () => {
    requested = true;
    if (running) return;
    running = true;
    try {
      while (requested) {
        requested = false;
        await work();
      }
    } finally {
      running = false;
    }
  };
}

function slider(name: string) {
  const input = createElement('input', {
    type: 'range',
    min: '-5',
    max: '5',
    step: '0.1',
    value: '0',
  });
  const [swatch, caption, value] = [
    createElement('span', { className: 'swatch' }),
    createElement('small'),
    createElement('output', {}, '0.0'),
  ];
  const row = createElement(
    'label',
    { className: 'slide' },
    createElement('span', {}, `${name} `, caption),
    swatch,
    input,
    value,
  );
  return { row, input, swatch, caption, value };
}

/** Returns a CSS gradient along a component, through gray. */
function gradient({ vectors }: PrincipalColors, i: number): string {
  const max = Math.max(...vectors[i]!.map(Math.abs));
  const end = (sign: number) =>
    `rgb(${vectors[i]!.map((part) => Math.round(128 + (sign * 127 * part) / max)).join(' ')})`;
  return `linear-gradient(90deg, ${end(-1)}, rgb(128 128 128), ${end(1)})`;
}
