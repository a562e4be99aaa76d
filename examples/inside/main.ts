/** What each layer makes of a picture, computed when one scrolls to it, and what the answer hangs on. */
import { load, type RemoteModel } from 'alexnet-ts/worker';
import { drawViews } from '../classify/drawViews';
import { showBars } from '../gallery/bars';
import { byId, make } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import { stage } from '../gallery/stage';
import { status } from '../gallery/status';
import { enlarge, type Picked } from './enlarge';
import { layersOf } from './layers';
import { layerView, type LayerView, type ViewChoices } from './layerView';
import { occlusionView } from './occlusionView';
import { whenSeen } from './whenSeen';

const report = status(byId('status'));
const look = stage(byId('stage'), 'What the network sees of your picture');
const loading = load({ onProgress: report.loading });
const ready = loading.then(open);
let picture: Picture | undefined;
let picked: Picked | undefined;

const input = pictureInput(byId('input'), { onPicture: see, onError: report.fail });
const chosen = (name: string) =>
  document.querySelector<HTMLInputElement>(`[name=${name}]:checked`)!.value;
const choices = () => ({ order: chosen('order'), top: chosen('top') }) as ViewChoices;

/** The page of a loaded model: a part for each layer, which is filled when it is seen. */
function open(model: RemoteModel) {
  const views = layersOf(model.summary(), model.net.layers).map((facts): LayerView => {
    const view = layerView(facts, choices(), (channel) => pick(view, channel));
    return view;
  });
  byId('layers').replaceChildren(...views.map(({ element }) => element));
  byId('jump').prepend(
    ...views.map(({ facts: { name } }) => make('a', { href: `#${name}` }, name)),
  );
  for (const choice of document.querySelectorAll('[type=radio]')) {
    choice.addEventListener('change', () => views.forEach((view) => view.choose(choices())));
  }
  function pick(view: LayerView, channel: number) {
    picked = { view, channel };
    for (const each of views) each.mark(each === view ? channel : undefined);
    enlarge(look, picked);
  }
  const softmax = byId('softmax');
  async function compute(part: HTMLElement) {
    const now = picture;
    if (!now) return;
    const view = views.find(({ element }) => element === part);
    if (view) {
      const activations = await model.activations(now.blob, view.facts.name);
      if (now !== picture) return; // another one came meanwhile
      view.show(activations);
      if (picked?.view === view) enlarge(look, picked);
    } else {
      const predictions = await model.classify(now.blob, { topK: 10 });
      if (now === picture) showBars(byId('predictions'), predictions);
    }
  }
  return {
    model,
    views,
    seen: whenSeen([...views.map(({ element }) => element), softmax], compute, report.fail),
    occlusion: occlusionView(model),
  };
}

async function see(given: Picture) {
  picture = given;
  try {
    const { model, views, seen, occlusion } = await ready;
    if (given !== picture) return;
    report.progress('Looking …');
    const [view] = drawViews(await model.preprocess(given.blob), model.preprocessing);
    if (given !== picture) return;
    look.show(view!);
    look.clear();
    for (const each of views) each.outdate();
    seen.again();
    if (picked) seen.want(picked.view.element);
    await occlusion.show(given);
    if (given === picture)
      report.say(
        `What the network makes of ${given.name}, on ${model.backend}. Scroll to a layer to have it computed.`,
      );
  } catch (error) {
    if (given === picture) report.fail(error);
  }
}

ready.then(() => void (picture ?? input.sample('school bus'))).catch(report.fail);
