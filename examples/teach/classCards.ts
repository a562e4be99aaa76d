/** classCards: a card per class with its name, its pictures, and buttons to add more. */
import { button, createElement, isTouch } from '../gallery/elements';
import { filePicker } from './filePicker';
import { pictureFromClipboard } from '../gallery/picture';
import type { StatusLine } from '../gallery/statusLine';
import type { ClassPicture, PictureClass, TrainingSet } from './trainingSet';
import { pictureFiles, type PictureImport } from './pictureImport';
import { countOf } from '../gallery/format';
import { offerDownload } from './offerDownload';
import { shutter, type Shutter } from './shutter';
import { thumbnailStrip, type PictureState, type ThumbnailStrip } from './thumbnailStrip';
import type { UndoBar } from './undoBar';

interface Card {
  element: HTMLElement;
  strip: ThumbnailStrip;
  update(): void;
  closeCamera(): void;
}

/** The name of a class until the visitor enters one, which replaces it. */
const PLACEHOLDER = /^Class \d+$/;

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
  undo: UndoBar,
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
      autocomplete: 'off',
    });
    name.addEventListener('change', () => {
      try {
        trainingSet.rename(target, name.value);
      } catch (error) {
        status.fail(error);
      }
      name.value = target.name;
    });
    name.addEventListener('focus', () => PLACEHOLDER.test(name.value) && name.select());
    name.addEventListener('keydown', ({ key }) => key === 'Enter' && name.blur());
    const remove = button('×', () => {
      const { length } = target.pictures;
      const pictures = length > 0 ? ` with ${countOf(length, 'picture')}` : '';
      undo.offer(`Class “${target.name}”${pictures} deleted.`, trainingSet.delete(target));
      addButton.focus();
    });
    remove.className = 'remove';

    const count = createElement('p', { className: 'count' });
    const use = createElement('input', { type: 'checkbox', autocomplete: 'off' });
    use.addEventListener('change', () => trainingSet.enable(target, use.checked));
    const download = button(
      'Download pictures',
      async () => {
        try {
          const { picturesZip } = await import('./project/projectFile');
          offerDownload(await picturesZip(target.name, target.pictures), target.name, '.zip');
        } catch (error) {
          status.fail(error);
        }
      },
      { className: 'quiet' },
    );
    const about = createElement(
      'div',
      { className: 'about' },
      count,
      createElement('label', {}, use, ' train on it'),
      download,
    );
    const strip = thumbnailStrip((picture) => {
      undo.offer('Picture removed.', trainingSet.removePicture(target, picture));
      // The button that had the focus is gone.
      if (target.pictures.length === 0) files.querySelector('input')!.focus();
    });
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
      about,
      // Above the pictures, so that it stays in place while they are added.
      camera,
      strip.element,
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
            : `No pictures yet. ${isTouch() ? 'Add some from:' : 'Drop some here, or add from:'}`;
        const isEmpty = target.pictures.length === 0;
        for (const each of [use.parentElement!, download]) each.hidden = isEmpty;
        use.checked = target.enabled;
        use.ariaLabel = `Train on ${target.name}`;
        download.ariaLabel = `Download pictures of ${target.name}`;
        section.classList.toggle('off', !target.enabled);
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
    trainingSet.classes.forEach((target, i) => {
      const card = cards.get(target) ?? createCard(target);
      cards.set(target, card);
      // Moving an element would lose focus.
      if (element.children[i] !== card.element)
        element.insertBefore(card.element, element.children[i]!);
      card.update();
    });
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
