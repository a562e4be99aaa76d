/** mapDetail: an enlarged picture of the map, and what the visitor's model looks at in it. */
import type { Model } from 'alexnet-ts/worker';
import { explain, type Explanation } from '../../gallery/attention/explain';
import { showAttention } from '../../gallery/attention/showAttention';
import { drawViews } from '../../gallery/drawViews';
import { byId } from '../../gallery/elements';
import { formatPercent } from '../../gallery/format';
import { imageOverlay } from '../../gallery/imageOverlay';
import { statusLine } from '../../gallery/statusLine';
import type { ClassPicture } from '../trainingSet';

export interface MapDetail {
  /** Shows a picture of a class, and what `model` says about it, if there is one. */
  show(picture: ClassPicture, label: string, model: Model | undefined, base: Model): Promise<void>;
  hide(): void;
}

export function mapDetail(): MapDetail {
  const section = byId('map-detail');
  const strength = byId<HTMLInputElement>('map-strength');
  const status = statusLine(byId('map-detail-status'));
  const overlay = imageOverlay(byId('map-picture'), 'The picture, with a map of what matters');
  let explanation: Explanation | undefined;
  let calls = 0;

  const draw = () =>
    explanation && showAttention(overlay, explanation, Number(strength.value) / 100);
  strength.addEventListener('input', draw);

  return {
    async show(picture, label, model, base) {
      const call = ++calls;
      explanation = undefined;
      section.hidden = false;
      overlay.clear();
      byId('map-says').textContent = `${picture.name}, class ${label}.`;
      byId('map-says').classList.remove('wrong');
      byId('map-slider').hidden = !model;
      const url = URL.createObjectURL(picture.blob);
      try {
        const input = await base.preprocess(picture.blob);
        if (call !== calls) return; // another picture was opened
        overlay.showImage(drawViews(input, base.preprocessing)[0]!);
        if (!model) return status.show('Train a model to see what it looks at in this picture.');
        status.progress('Looking …');
        const [best] = await model.classify(picture.blob, { topK: 1 });
        if (call !== calls) return;
        const { index, label: said, probability } = best!;
        byId('map-says').textContent =
          `${picture.name}, class ${label}. Your model says ${said}, ${formatPercent(probability)}.`;
        byId('map-says').classList.toggle('wrong', said !== label);
        const found = await explain(model, { blob: picture.blob, url }, index);
        if (call !== calls) return;
        explanation = found;
        draw();
        status.show(`Warm colors: evidence for ${said} (${found.method}).`);
      } catch (error) {
        if (call === calls) status.fail(error);
      } finally {
        URL.revokeObjectURL(url);
      }
    },
    hide() {
      calls++;
      section.hidden = true;
    },
  };
}
