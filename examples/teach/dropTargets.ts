/**
 * dropTargets: adds dropped and pasted files to a class, as a dataset, or as a picture to classify.
 */
import { fromEvent } from 'file-selector';
import type { StatusLine } from '../gallery/statusLine';
import { pictureFiles, type PictureImport } from './pictureImport';
import type { TrainingSet } from './trainingSet';
import type { ClassCards } from './classCards';

const isZip = ({ name, type }: File) => /\.zip$/i.test(name) || /zip/.test(type);

export interface DropTargetsOptions {
  trainingSet: TrainingSet;
  cards: ClassCards;
  importer: PictureImport;
  /** Opens a project, or adds the pictures of another zip. */
  openZip(zip: File): unknown;
  status: StatusLine;
  /** Whether there is a model to classify a picture with. */
  canClassify: () => boolean;
}

/** Handles events before the picture input, which gets the remaining ones. */
export function dropTargets(options: DropTargetsOptions): void {
  const { trainingSet, cards, importer, openZip, status, canClassify } = options;
  const highlight = (target: HTMLElement | undefined) => {
    for (const each of document.querySelectorAll('.class-card.over'))
      if (each !== target) each.classList.remove('over');
    target?.classList.add('over');
  };
  const cardOf = (event: DragEvent) =>
    cards.classAt(event.target) && (event.target as Element).closest<HTMLElement>('.class-card')!;

  document.addEventListener('dragover', (event) => highlight(cardOf(event)), { capture: true });
  document.addEventListener('dragleave', () => highlight(undefined), { capture: true });
  document.addEventListener(
    'drop',
    (event) => {
      highlight(undefined);
      const { items, files } = event.dataTransfer!;
      if (files.length === 0) return; // text or a link
      const target = cards.classAt(event.target);
      // Read now: the list is empty after this handler returns.
      const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter(
        (entry) => entry !== null,
      );
      const folders = entries.some(({ isDirectory }) => isDirectory);
      if (!target && !folders && !isZip(files[0]!) && canClassify()) return;
      event.preventDefault();
      event.stopPropagation();
      if (isZip(files[0]!)) openZip(files[0]!);
      else if (target && !folders) void importer.add(target, pictureFiles(files));
      else if (target) {
        const inside = fromEvent(event).then((files) =>
          files.filter((each) => each instanceof File),
        );
        inside.then((files) => importer.add(target, pictureFiles(files)), status.fail);
      } else if (folders) void importer.addDataset(entries);
      else
        status.fail(
          new Error(
            'Drop pictures onto a class, or drop a folder that contains a folder for each class.',
          ),
        );
    },
    { capture: true },
  );
  document.addEventListener(
    'paste',
    (event) => {
      const files = event.clipboardData?.files;
      const target = cards.active ?? (canClassify() ? undefined : trainingSet.classes[0]);
      if (!files?.length || !target) return;
      event.preventDefault();
      event.stopPropagation();
      void importer.add(target, pictureFiles(files));
    },
    { capture: true },
  );
}
