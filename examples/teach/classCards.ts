/** classCards: a card for each class: its name, its pictures, and the ways to add more. */
import { button, make } from '../gallery/elements';
import { pictureOfClipboard } from '../gallery/picture';
import type { Status } from '../gallery/status';
import type { Album, ClassPicture, PictureClass } from './album';
import { arrivalsOf, type Arrivals } from './arrivals';
import { inWords } from '../gallery/inWords';
import { shutter, type Shutter } from './shutter';
import { thumbStrip, type Mark, type ThumbStrip } from './thumbStrip';

interface Card {
  element: HTMLElement;
  strip: ThumbStrip;
  update(): void;
  closeCamera(): void;
}

export interface ClassCards {
  /** Draws the album as it is now. */
  update(): void;
  /** Shows how far training has come with each picture. */
  mark(pictures: Iterable<ClassPicture>, as: Mark | undefined): void;
  /** The class whose card holds an element. */
  classAt(target: EventTarget | null): PictureClass | undefined;
  /** The class whose card was touched last, unless something else was since. */
  readonly latest: PictureClass | undefined;
}

export function classCards(
  element: HTMLElement,
  album: Album,
  arrivals: Arrivals,
  report: Status,
): ClassCards {
  const cards = new Map<PictureClass, Card>();
  let latest: PictureClass | undefined;
  for (const touch of ['pointerdown', 'focusin'])
    document.addEventListener(touch, ({ target }) => (latest = classAt(target)));

  function card(of: PictureClass): Card {
    const name = make('input', {
      type: 'text',
      value: of.name,
      ariaLabel: 'Name of the class',
      maxLength: 40,
      spellcheck: false,
    });
    name.addEventListener('change', () => {
      try {
        album.rename(of, name.value);
      } catch (error) {
        report.fail(error);
      }
      name.value = of.name;
    });
    name.addEventListener('keydown', ({ key }) => key === 'Enter' && name.blur());
    const remove = button('×', () => {
      album.delete(of);
      addButton.focus();
    });
    remove.className = 'remove';

    const count = make('p', { className: 'count' });
    const strip = thumbStrip((picture) => album.remove(of, picture));
    const camera = make('div', { className: 'camera', hidden: true });
    const cameraButton = button('Camera', openCamera, { className: 'quiet' });
    let open: Shutter | undefined;
    async function openCamera() {
      try {
        cameraButton.disabled = true;
        open = await shutter(camera, {
          className: of.name,
          onFrame: (file) => arrivals.add(of, [{ name: file.name, blob: file, live: true }]),
          onClose: () => (cameraButton.disabled = false),
        });
      } catch (error) {
        report.fail(error);
      }
    }
    const paste = async () => {
      try {
        const { blob, name: pasted } = await pictureOfClipboard();
        await arrivals.add(of, [{ name: pasted, blob }]);
      } catch (error) {
        report.fail(error);
      }
    };
    const files = picker('Files', { multiple: true, accept: 'image/*' }, (chosen) =>
      arrivals.add(of, arrivalsOf(chosen)),
    );
    const folder = picker('Folder', { webkitdirectory: true }, (chosen) =>
      arrivals.add(of, arrivalsOf(chosen)),
    );
    const tools = make(
      'div',
      { className: 'toolbar' },
      files,
      folder,
      button('Paste', paste, { className: 'quiet' }),
      cameraButton,
    );
    const head = make('div', { className: 'head' }, name, remove);
    const section = make(
      'section',
      { className: 'class-card panel' },
      head,
      count,
      strip.element,
      camera,
      tools,
    );
    return {
      element: section,
      strip,
      closeCamera: () => open?.close(),
      update() {
        section.ariaLabel = `Class ${of.name}`;
        if (document.activeElement !== name) name.value = of.name;
        remove.ariaLabel = `Delete the class ${of.name}`;
        count.textContent =
          of.pictures.length > 0
            ? inWords(of.pictures.length, 'picture')
            : 'No pictures yet. Drop some here, or take them from:';
        strip.show(of.pictures);
      },
    };
  }

  const addButton = button('Add a class', () => {
    const added = album.add();
    draw();
    const input = cards.get(added)!.element.querySelector('input')!;
    input.focus();
    input.select();
  });
  addButton.className = 'add-class';
  element.append(addButton);

  function draw() {
    for (const [of, gone] of cards) {
      if (album.classes.includes(of)) continue;
      gone.closeCamera();
      gone.element.remove();
      cards.delete(of);
    }
    for (const of of album.classes) {
      if (!cards.has(of)) {
        const made = card(of);
        cards.set(of, made);
        addButton.before(made.element);
      }
      cards.get(of)!.update();
    }
  }

  function classAt(target: EventTarget | null): PictureClass | undefined {
    return [...cards].find(
      ([, { element: each }]) => target instanceof Node && each.contains(target),
    )?.[0];
  }

  return {
    update: draw,
    mark(pictures, as) {
      const set = new Set(pictures);
      for (const { strip } of cards.values()) strip.mark(set, as);
    },
    classAt,
    get latest() {
      return latest && album.classes.includes(latest) ? latest : undefined;
    },
  };
}

/** A file input that looks like a button. */
export function picker(
  text: string,
  properties: Partial<HTMLInputElement>,
  onFiles: (files: File[]) => unknown,
): HTMLLabelElement {
  const input = make('input', { type: 'file', className: 'unseen', ...properties });
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // the same files may be chosen again
    if (files.length > 0) void onFiles(files);
  });
  return make('label', { className: 'button quiet' }, text, input);
}
