/**
 * pictureInput: lets the visitor choose a picture: drop, paste, file, clipboard, camera, link or
 * sample.
 */
import { pictureFromCamera } from './cameraDialog';
import { button, createElement, isTouch } from './elements';
import { pictureFromBlob, pictureFromClipboard, pictureFromLink, type Picture } from './picture';
import { samples as ownSamples, type SamplePicture } from './samples';

export interface PictureInputOptions {
  /** Called with each picture that was opened. */
  onPicture(picture: Picture): unknown;
  /** Called with an error if a picture cannot be opened. */
  onError(error: unknown): void;
  /** Sample pictures, shown as buttons. @default the project's own */
  samples?: readonly SamplePicture[];
  /** Whether links are accepted; requires `externalImages` in meta.ts. @default false */
  links?: boolean;
  /** Whether a button opens the camera. @default true */
  camera?: boolean;
}

export interface PictureInput {
  /** Shows a picture as if it had been chosen, and calls `onPicture`. */
  show(picture: Picture): void;
  /** Chooses a sample by name. */
  sample(name: string): Promise<void>;
  /** Opens the browser's file chooser. */
  choose(): void;
  /** Takes a picture with the camera. */
  openCamera(): Promise<void>;
}

/** Fills an element of the page. */
export function pictureInput(element: HTMLElement, options: PictureInputOptions): PictureInput {
  const { onPicture, onError, samples = ownSamples, links, camera = true } = options;
  const file = createElement('input', { type: 'file', accept: 'image/*', className: 'unseen' });
  const image = createElement('img', { alt: 'Your picture', hidden: true });
  const hint = createElement(
    'span',
    { className: 'hint' },
    createElement('strong', {}, isTouch() ? 'Choose a picture' : 'Drop a picture here'),
    isTouch() ? 'or paste it' : 'or paste it, or choose a file',
  );
  const drop = createElement('label', { className: 'drop' }, file, image, hint);

  let latest = 0; // if several are loading, the last one wins
  const load = async (open: () => Promise<Picture | undefined>) => {
    const id = ++latest;
    try {
      const picture = await open();
      if (picture && id === latest) show(picture);
    } catch (error) {
      if (id === latest) onError(error);
    }
  };
  const show = (picture: Picture) => {
    image.src = picture.url;
    image.alt = picture.name;
    image.hidden = false;
    hint.hidden = true;
    for (const each of strip.children)
      each.setAttribute('aria-pressed', String((each as HTMLElement).title === picture.name));
    void onPicture(picture);
  };
  const loadFirst = (files: Iterable<File> | undefined | null) => {
    const [first] = files ?? [];
    if (first) void load(() => pictureFromBlob(first));
    else
      onError(
        new Error('That is not a picture. Drop an image file, or an image from another page.'),
      );
  };
  const sample = (name: string) =>
    load(async () => {
      const { url } = samples.find((each) => each.name === name)!;
      return pictureFromBlob(await (await fetch(url)).blob(), name);
    });

  const openCamera = () => load(pictureFromCamera);

  const strip = createElement('div', { className: 'samples', role: 'group', ariaLabel: 'Samples' });
  for (const { name, url, thumbnail = url } of samples) {
    strip.append(button('', () => sample(name), { title: name }));
    strip.lastElementChild!.append(
      createElement('img', { src: thumbnail, alt: name, loading: 'lazy', width: 64, height: 64 }),
    );
  }

  const tools = createElement('div', { className: 'toolbar' });
  tools.append(button('Choose a picture', () => file.click(), { className: 'quiet' }));
  tools.append(button('Paste', () => load(pictureFromClipboard), { className: 'quiet' }));
  if (camera) tools.append(button('Camera', () => openCamera(), { className: 'quiet' }));
  if (links) {
    const address = createElement('input', {
      type: 'url',
      placeholder: 'https://…',
      ariaLabel: 'Link to a picture',
      required: true,
    });
    const form = createElement(
      'form',
      { className: 'link' },
      address,
      createElement('button', { type: 'submit', className: 'quiet' }, 'Load'),
    );
    form.noValidate = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void load(() => pictureFromLink(address.value.trim()));
    });
    tools.append(form);
  }

  file.addEventListener('change', () => file.files?.length && loadFirst(file.files));
  document.addEventListener(
    'paste',
    ({ clipboardData }) => clipboardData?.files.length && loadFirst(clipboardData.files),
  );
  for (const type of ['dragover', 'dragleave', 'drop'] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', type === 'dragover');
      if (type === 'drop') loadFirst(event.dataTransfer?.files);
    });
  }
  element.classList.add('picture-input');
  element.append(drop, tools, strip);
  return { show, sample, choose: () => file.click(), openCamera };
}
