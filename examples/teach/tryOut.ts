/** tryOut: the trained model on a picture, or live on what the camera sees. */
import type { RemoteModel as Model } from 'alexnet-ts/worker';
import { toTry } from 'virtual:things';
import { showBars } from '../gallery/bars';
import { openCamera, type Camera } from '../gallery/camera';
import { button, byId, make } from '../gallery/elements';
import type { Picture } from '../gallery/picture';
import { pictureInput } from '../gallery/pictureInput';
import type { Status } from '../gallery/status';
import { list } from '../gallery/inWords';

export interface TryOut {
  /** Takes a model, and shows it the picture that is there. */
  use(model: Model): void;
}

export function tryOut(report: Status): TryOut {
  const bars = byId('answers');
  const video = make('video', {
    id: 'live',
    muted: true,
    playsInline: true,
    hidden: true,
    ariaLabel: 'What the camera shows',
  });
  const toggle = button('Use the camera', live, { className: 'quiet' });
  let model: Model | undefined;
  let picture: Picture | undefined;
  let camera: Camera | undefined;
  let calls = 0;

  const input = pictureInput(byId('input'), {
    samples: toTry,
    onError: report.fail,
    onPicture(chosen) {
      picture = chosen;
      close();
      return answer(chosen.blob);
    },
  });

  const [drop, tools, strip] = ['.drop', '.toolbar', '.samples'].map((part) =>
    byId('input').querySelector<HTMLElement>(part)!,
  );
  drop!.after(video);
  tools!.append(toggle);

  /** Shows what it says. False when another picture or model came meanwhile. */
  async function answer(image: Blob | ImageBitmap): Promise<boolean> {
    const call = ++calls;
    const asked = model;
    if (!asked) return false;
    try {
      const start = performance.now();
      const predictions = await asked.classify(image, { topK: asked.labels.length });
      if (call !== calls || asked !== model) return false;
      showBars(bars, predictions);
      report.say(`${Math.round(performance.now() - start)} ms on ${asked.backend}.`);
      return true;
    } catch (error) {
      if (call === calls && asked === model) report.fail(error);
      return false;
    }
  }

  function close() {
    camera?.stop();
    camera = undefined;
    drop!.hidden = false;
    video.hidden = true;
    toggle.textContent = 'Use the camera';
  }

  async function live() {
    if (camera) return close();
    drop!.hidden = true;
    video.hidden = false;
    try {
      const mine = (camera = await openCamera(video, close));
      toggle.textContent = 'Stop the camera';
      while (camera === mine) {
        const frame = await createImageBitmap(video);
        await answer(frame);
        frame.close();
        await new Promise((resolve) => setTimeout(resolve, 30)); // the page wants to draw
      }
    } catch (error) {
      close();
      report.fail(error);
    }
  }

  return {
    use(next) {
      model = next;
      byId('try-first').hidden = true;
      byId('try-it').hidden = false;
      // Our samples are of use to those who took our classes.
      const samples = toTry.filter(({ name }) =>
        next.labels.some((label) => name.startsWith(label)),
      );
      strip!.hidden = samples.length === 0;
      bars.setAttribute('aria-label', `How probable ${list(next.labels)} are`);
      if (picture) void answer(picture.blob);
      else if (samples[0]) void input.sample(samples[0].name);
      else bars.replaceChildren();
    },
  };
}
