/** tenCrops: the predictions for each of the ten crops, and their average. */
import type { Model } from 'alexnet-ts/worker';
import { centerView, crops, type View } from 'alexnet-ts/training';
import { notSure, showBars } from '../gallery/bars';
import { byId, createElement } from '../gallery/elements';
import { showCropFrames } from '../gallery/crops/cropFrames';
import { drawOnto, type SourceImage } from '../gallery/crops/sourceImage';

const POSITIONS = ['top left', 'top right', 'bottom left', 'bottom right', 'center'];
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Shows the crops; `drawn` settles when all are. `classify` returns a function that shows the predictions. */
export function showTenCrops(source: SourceImage): {
  drawn: Promise<unknown>;
  classify(model: Model): Promise<() => void>;
} {
  const { resize, crop } = source.preprocessing;
  const views: View[] = crops('ten', resize, resize, crop).map(({ left, top, mirrored }) => ({
    left,
    top,
    mirrored,
    shift: [0, 0, 0],
  }));
  showCropFrames(byId('ten-frames'), source, {
    views,
    label: 'Positions of the ten crops: five, each also mirrored',
    colors: POSITIONS.length,
  });
  const drawn: Promise<void>[] = [];
  const items = views.map((view, i) => {
    const canvas = createElement('canvas', { role: 'img', ariaLabel: `Crop ${i + 1}` });
    drawn.push(drawOnto(canvas, source, view));
    const position = `${POSITIONS[i % POSITIONS.length]}${view.mirrored ? ', mirrored' : ''}`;
    return createElement(
      'li',
      { className: `color-${(i % POSITIONS.length) + 1}` },
      canvas,
      createElement('span', {}, position),
      createElement('strong', {}, '…'),
    );
  });
  byId('ten').replaceChildren(...items);
  byId('average').replaceChildren(
    ...Array.from({ length: 5 }, () => createElement('li', { className: 'empty' })),
  );
  byId('average').classList.add('bars');
  byId('summary').textContent = '';

  return {
    drawn: Promise.all(drawn),
    async classify(model) {
      const perCrop = await model.classify(
        await Promise.all(views.map((view) => asImage(source, view))),
        { topK: model.labels.length },
      );
      const average = await model.classify(source.picture.blob, { crops: 'ten' });
      return () => {
        const { label } = average[0]!;
        items.forEach((item, i) => {
          const { label: best, probability } = perCrop[i]![0]!;
          item.querySelector('strong')!.textContent = `${best} ${percent(probability)}`;
          item.classList.toggle('other', best !== label);
        });
        showBars(byId('average'), average);
        const doubt = notSure(average);
        byId('summary').textContent = `${doubt && `${doubt} `}${summarize(
          label,
          perCrop.map((predictions) => ({
            best: predictions[0]!.label,
            probability: predictions.find((one) => one.label === label)!.probability,
          })),
        )}`;
      };
    },
  };
}

/** Returns an image whose center crop is the view, so that `classify` sees exactly its pixels. */
async function asImage(source: SourceImage, view: View): Promise<HTMLCanvasElement> {
  const { resize, crop } = source.preprocessing;
  const canvas = createElement('canvas', { width: resize, height: resize });
  const { left, top } = centerView(source.preprocessing);
  canvas.getContext('2d')!.putImageData(await source.cut(view, crop), left, top);
  return canvas;
}

function summarize(label: string, crops: readonly { best: string; probability: number }[]): string {
  const shares = crops.map(({ probability }) => probability);
  const range = `Its probability ranges from ${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`;
  const agreeing = crops.filter(({ best }) => best === label).length;
  const others = new Set(crops.map(({ best }) => best).filter((best) => best !== label)).size;
  const names = others === 1 ? 'another class' : `${others} other classes`;
  return agreeing === crops.length
    ? `All ten crops rank ${label} first. ${range}, although the crops differ by a few pixels. The average is more stable.`
    : `${agreeing} of ten crops rank ${label} first, the others ${names}. ${range}: a few pixels make the difference. Averaging reduces this effect.`;
}
