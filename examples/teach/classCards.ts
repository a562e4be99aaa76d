/** classCards: a card per class with its name, its pictures, and buttons to add more. */
import { button, createElement } from '../gallery/elements';
import { pictureFromClipboard } from '../gallery/picture';
import type { StatusLine } from '../gallery/statusLine';
import type { ClassPicture, PictureClass, TrainingSet } from './trainingSet';
import { pictureFiles, type PictureImport } from './pictureImport';
import { countOf } from '../gallery/format';
import { shutter, type Shutter } from './shutter';
import { thumbnailStrip, type PictureState, type ThumbnailStrip } from './thumbnailStrip';

interface Card {
  element: HTMLElement;
  strip: ThumbnailStrip;
  update(): void;
  closeCamera(): void;
}

export interface ClassCards {
  /** Updates the cards after a change of the training set. */
  update(): void;
  /** Marks the state of pictures during training. */
  mark(pictures: Iterable<ClassPicture>, state: PictureState | undefined): void;
  /** Returns the class whose card contains an element. */
  classAt(target: EventTarget | null): PictureClass | undefined;
  /** The class whose card was used last, if nothing else was since. */
  readonly active: PictureClass | undefined;
}

export function classCards(
  element: HTMLElement,
  trainingSet: TrainingSet,
  importer: PictureImport,
  status: StatusLine,
): ClassCards {
  const cards = new Map<PictureClass, Card>();
  let active: PictureClass | undefined;
  for (const touch of ['pointerdown', 'focusin'])
    document.addEventListener(touch, ({ target }) => (active = classAt(target)));

  function createCard(target: PictureClass): Card {
    const name = createElement('input', {
      type: 'text',
      value: target.name,
      ariaLabel: 'Class name',
      maxLength: 40,
      spellcheck: false,
    });
    name.addEventListener('change', () => {
      try {
        trainingSet.rename(target, name.value);
      } catch (error) {
        status.fail(error);
      }
      name.value = target.name;
    });
    name.addEventListener('keydown', ({ key }) => key === 'Enter' && name.blur());
    const remove = button('×', () => {
      trainingSet.delete(target);
      addButton.focus();
    });
    remove.className = 'remove';

    const count = createElement('p', { className: 'count' });
    const strip = thumbnailStrip((picture) => trainingSet.removePicture(target, picture));
    const camera = createElement('div', { className: 'camera', hidden: true });
    const cameraButton = button('Camera', openCamera, { className: 'quiet' });
    let open: Shutter | undefined;
    async function openCamera() {
      try {
        cameraButton.disabled = true;
        open = await shutter(camera, {
          className: target.name,
          onFrame: (file) =>
            importer.add(target, [{ name: file.name, blob: file, fromCamera: true }]),
          onClose: () => (cameraButton.disabled = false),
        });
      } catch (error) {
        status.fail(error);
      }
    }
    const paste = async () => {
      try {
        const { blob, name: pasted } = await pictureFromClipboard();
        await importer.add(target, [{ name: pasted, blob }]);
      } catch (error) {
        status.fail(error);
      }
    };
    const files = filePicker('Files', { multiple: true, accept: 'image/*' }, (chosen) =>
      importer.add(target, pictureFiles(chosen)),
    );
    const folder = filePicker('Folder', { webkitdirectory: true }, (chosen) =>
      importer.add(target, pictureFiles(chosen)),
    );
    const tools = createElement(
      'div',
      { className: 'toolbar' },
      files,
      folder,
      button('Paste', paste, { className: 'quiet' }),
      cameraButton,
    );
    const head = createElement('div', { className: 'head' }, name, remove);
    const section = createElement(
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
        section.ariaLabel = `Class ${target.name}`;
        if (document.activeElement !== name) name.value = target.name;
        remove.ariaLabel = `Delete class ${target.name}`;
        count.textContent =
          target.pictures.length > 0
            ? countOf(target.pictures.length, 'picture')
            : 'No pictures yet. Drop some here, or add from:';
        strip.show(target.pictures);
      },
    };
  }

  const addButton = button('Add a class', () => {
    const added = trainingSet.add();
    draw();
    const input = cards.get(added)!.element.querySelector('input')!;
    input.focus();
    input.select();
  });
  addButton.className = 'add-class';
  element.append(addButton);

  function draw() {
    for (const [target, card] of cards) {
      if (trainingSet.classes.includes(target)) continue;
      card.closeCamera();
      card.element.remove();
      cards.delete(target);
    }
    for (const target of trainingSet.classes) {
      if (!cards.has(target)) {
        const card = createCard(target);
        cards.set(target, card);
        addButton.before(card.element);
      }
      cards.get(target)!.update();
    }
  }

  function classAt(target: EventTarget | null): PictureClass | undefined {
    return [...cards].find(
      ([, { element: each }]) => target instanceof Node && each.contains(target),
    )?.[0];
  }

  return {
    update: draw,
    mark(pictures, state) {
      const set = new Set(pictures);
      for (const { strip } of cards.values()) strip.mark(set, state);
    },
    classAt,
    get active() {
      return active && trainingSet.classes.includes(active) ? active : undefined;
    },
  };
}

/** Creates a file input that looks like a button. */
export function filePicker(
  text: string,
  properties: Partial<HTMLInputElement>,
  onFiles: (files: File[]) => unknown,
): HTMLLabelElement {
  const input = createElement('input', { type: 'file', className: 'unseen', ...properties });
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // allows choosing the same files again
    if (files.length > 0) void onFiles(files);
  });
  return createElement('label', { className: 'button quiet' }, text, input);
}
