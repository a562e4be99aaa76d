/** pictureTray: keeps the picture in view below the hero, and lets the visitor change it there. */
import type { Prediction } from 'alexnet-ts';
import { button, byId, createElement } from '../gallery/elements';
import { formatPercent } from '../gallery/format';
import type { Picture } from '../gallery/picture';
import type { PictureInput } from '../gallery/pictureInput';
import { samples } from '../gallery/samples';

export interface PictureTray {
  show(picture: Picture): void;
  setAnswer(best: Prediction): void;
}

export function pictureTray(input: PictureInput): PictureTray {
  const image = createElement('img', { alt: '', width: 44, height: 44 });
  const answer = createElement('span', { className: 'answer' });
  const strip = createElement('div', { className: 'samples', role: 'group', ariaLabel: 'Samples' });
  for (const { name, url, thumbnail = url } of samples) {
    const choose = button('', () => input.sample(name), { title: name });
    choose.append(createElement('img', { src: thumbnail, alt: name, width: 40, height: 40 }));
    strip.append(choose);
  }
  const tray = createElement(
    'aside',
    { className: 'tray', hidden: true, ariaLabel: 'The picture in all figures' },
    image,
    answer,
    strip,
    ownButton(() => input.choose()),
    button('Camera', () => input.openCamera(), { className: 'quiet' }),
  );
  byId('main').append(tray);
  // Between the hero and the tools, which it would cover.
  const [hero, tools] = [byId('picture-figure'), byId('tools')];
  const outside = new Map<Element, boolean>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, boundingClientRect } of entries)
        outside.set(target, isIntersecting || boundingClientRect.top > 0 === (target === hero));
      tray.hidden = [...outside.values()].includes(true);
    },
    { rootMargin: '0px 0px -50%' },
  );
  observer.observe(hero);
  observer.observe(tools);

  return {
    show(picture) {
      image.src = picture.url;
      answer.textContent = '…';
      for (const each of strip.children)
        each.setAttribute('aria-pressed', String((each as HTMLElement).title === picture.name));
    },
    setAnswer({ label, probability }) {
      answer.replaceChildren(createElement('strong', {}, label), ` ${formatPercent(probability)}`);
    },
  };
}

/** A button whose text is short on a phone. */
function ownButton(onClick: () => void): HTMLButtonElement {
  const own = button('', onClick, { className: 'quiet', ariaLabel: 'Choose your own picture' });
  own.append(
    createElement('span', { className: 'wide' }, 'Your own …'),
    createElement('span', { className: 'narrow' }, '+'),
  );
  return own;
}
