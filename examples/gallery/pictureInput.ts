/** pictureInput: where a page takes its picture from: a drop, a paste, a file, the clipboard, a link, a sample. */
import { button, make } from './elements';
import { pictureOf, pictureOfClipboard, pictureOfLink, type Picture } from './picture';
import { samples as ownSamples } from './samples';

export interface PictureInputOptions {
  /** Given each picture that can be read. */
  onPicture(picture: Picture): unknown;
  /** Given an error with a sentence for what cannot. */
  onError(error: unknown): void;
  /** Pictures to try, as small buttons. @default the project's own */
  samples?: readonly { name: string; url: string }[];
  /** Whether a link may be given: the page's meta must have `links: true` too. @default false */
  links?: boolean;
}

export interface PictureInput {
  /** Shows a picture as if it had been chosen, and tells `onPicture`. */
  show(picture: Picture): void;
  /** Chooses a sample by its name. */
  sample(name: string): Promise<void>;
}

/** Fills an element of the page, `<div id="input"></div>`. */
export function pictureInput(element: HTMLElement, options: PictureInputOptions): PictureInput {
  const { onPicture, onError, samples = ownSamples, links = false } = options;
  const file = make('input', { type: 'file', accept: 'image/*', className: 'unseen' });
  const image = make('img', { alt: 'Your picture', hidden: true });
  const hint = make(
    'span',
    { className: 'hint' },
    make('strong', {}, 'Drop a picture here'),
    'or paste one, or choose a file',
  );
  const drop = make('label', { className: 'drop' }, file, image, hint);

  let latest = 0; // of pictures that are fetched at once, the last one counts
  const take = async (getting: () => Promise<Picture>) => {
    const mine = ++latest;
    try {
      const picture = await getting();
      if (mine === latest) show(picture);
    } catch (error) {
      if (mine === latest) onError(error);
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
  const takeFiles = (files: Iterable<File> | undefined | null) => {
    const [first] = files ?? [];
    if (first) void take(() => pictureOf(first));
    else
      onError(new Error('That is no picture. Drop an image file, or a picture from another page.'));
  };
  const sample = (name: string) =>
    take(async () => {
      const { url } = samples.find((each) => each.name === name)!;
      return pictureOf(await (await fetch(url)).blob(), name);
    });

  const strip = make('div', { className: 'samples', role: 'group', ariaLabel: 'Samples' });
  for (const { name, url } of samples) {
    strip.append(button('', () => sample(name), { title: name }));
    strip.lastElementChild!.append(
      make('img', { src: url, alt: name, loading: 'lazy', width: 64, height: 64 }),
    );
  }

  const tools = make('div', { className: 'toolbar' });
  tools.append(button('Paste', () => take(pictureOfClipboard), { className: 'quiet' }));
  if (links) {
    const address = make('input', {
      type: 'url',
      placeholder: 'https://…',
      ariaLabel: 'Link to a picture',
      required: true,
    });
    const form = make(
      'form',
      { className: 'link' },
      address,
      make('button', { type: 'submit', className: 'quiet' }, 'Use link'),
    );
    form.noValidate = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void take(() => pictureOfLink(address.value.trim()));
    });
    tools.append(form);
  }

  file.addEventListener('change', () => file.files?.length && takeFiles(file.files));
  document.addEventListener(
    'paste',
    ({ clipboardData }) => clipboardData?.files.length && takeFiles(clipboardData.files),
  );
  for (const type of ['dragover', 'dragleave', 'drop'] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', type === 'dragover');
      if (type === 'drop') takeFiles(event.dataTransfer?.files);
    });
  }
  element.classList.add('picture-input');
  element.append(drop, tools, strip);
  return { show, sample };
}
