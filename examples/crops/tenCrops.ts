/** tenCrops: what the network says to each of the ten crops, and to all of them together. */
import type { RemoteModel } from 'alexnet-ts/worker';
import { centreView, crops, type View } from 'alexnet-ts/training';
import { showBars } from '../gallery/bars';
import { byId, make } from '../gallery/elements';
import { showFrames } from './frames';
import { drawInto, pixelsOf, type Square } from './square';

const PLACES = ['top left', 'top right', 'bottom left', 'bottom right', 'centre'];
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Shows the crops at once, and gives what shows the answers when the network has them. */
export function showTen(square: Square): { answers(model: RemoteModel): Promise<() => void> } {
  const { resize, crop } = square.preprocessing;
  const views: View[] = crops('ten', resize, resize, crop).map(({ left, top, mirrored }) => ({
    left,
    top,
    mirrored,
    shift: [0, 0, 0],
  }));
  showFrames(
    byId('ten-frames'),
    square,
    views,
    'Where the ten crops lie: five places, each twice',
    PLACES.length,
  );
  const items = views.map((view, i) => {
    const canvas = make('canvas', { role: 'img', ariaLabel: `Crop ${i + 1}` });
    drawInto(canvas, square, view);
    const place = `${PLACES[i % PLACES.length]}${view.mirrored ? ', mirrored' : ''}`;
    return make(
      'li',
      { className: `colour-${(i % PLACES.length) + 1}` },
      canvas,
      make('span', {}, place),
      make('strong', {}, '…'),
    );
  });
  byId('ten').replaceChildren(...items);
  byId('average').replaceChildren(
    ...Array.from({ length: 5 }, () => make('li', { className: 'empty' })),
  );
  byId('average').classList.add('bars');
  byId('said').textContent = '';

  return {
    async answers(model) {
      const each = await model.classify(
        views.map((view) => alone(square, view)),
        { topK: model.labels.length },
      );
      const average = await model.classify(square.picture.blob, { crops: 'ten' });
      return () => {
        const { label } = average[0]!;
        items.forEach((item, i) => {
          const { label: own, probability } = each[i]![0]!;
          item.querySelector('strong')!.textContent = `${own} ${percent(probability)}`;
          item.classList.toggle('other', own !== label);
        });
        showBars(byId('average'), average);
        byId('said').textContent = inWords(
          label,
          each.map((answer) => ({
            best: answer[0]!.label,
            probability: answer.find((one) => one.label === label)!.probability,
          })),
        );
      };
    },
  };
}

/** A crop as a picture whose centre it is: there `classify` looks, and finds its pixels as they are. */
function alone(square: Square, view: View): HTMLCanvasElement {
  const { resize, crop } = square.preprocessing;
  const canvas = make('canvas', { width: resize, height: resize });
  const { left, top } = centreView(square.preprocessing);
  canvas.getContext('2d')!.putImageData(pixelsOf(square, view, crop), left, top);
  return canvas;
}

function inWords(label: string, crops: readonly { best: string; probability: number }[]): string {
  const shares = crops.map(({ probability }) => probability);
  const range = `Its probability goes from ${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`;
  const agreeing = crops.filter(({ best }) => best === label).length;
  const others = new Set(crops.map(({ best }) => best).filter((best) => best !== label)).size;
  const names = others === 1 ? 'another class' : `${others} other classes`;
  return agreeing === crops.length
    ? `All ten name ${label} first. ${range}, though a crop and the next differ by a few pixels: the average is steadier than any of them.`
    : `${agreeing} of the ten name ${label} first, the others ${names}. ${range}: a few pixels decide, and averaging takes that chance out.`;
}
