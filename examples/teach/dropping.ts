/** dropping: what is dropped or pasted anywhere on the page, and where it goes: into a class, as folders of classes, or to be tried. */
import { fromEvent } from 'file-selector';
import type { Status } from '../gallery/status';
import { arrivalsOf, type Arrivals } from './arrivals';
import type { Album } from './album';
import type { ClassCards } from './classCards';

const isZip = ({ name, type }: File) => /\.zip$/i.test(name) || /zip/.test(type);

/** Listens before the picture input does, which takes what is left; `canTry` says whether that has a use for it. */
export function dropping(
  album: Album,
  cards: ClassCards,
  arrivals: Arrivals,
  report: Status,
  canTry: () => boolean,
): void {
  const over = (target: HTMLElement | undefined) => {
    for (const each of document.querySelectorAll('.class-card.over'))
      if (each !== target) each.classList.remove('over');
    target?.classList.add('over');
  };
  const cardOf = (event: DragEvent) =>
    cards.classAt(event.target) && (event.target as Element).closest<HTMLElement>('.class-card')!;

  document.addEventListener('dragover', (event) => over(cardOf(event)), { capture: true });
  document.addEventListener('dragleave', () => over(undefined), { capture: true });
  document.addEventListener(
    'drop',
    (event) => {
      over(undefined);
      const { items, files } = event.dataTransfer!;
      if (files.length === 0) return; // a text or a link
      const to = cards.classAt(event.target);
      // Now: when this handler returns, the list is empty.
      const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter(
        (entry) => entry !== null,
      );
      const folders = entries.some(({ isDirectory }) => isDirectory);
      if (!to && !folders && !isZip(files[0]!) && canTry()) return;
      event.preventDefault();
      event.stopPropagation();
      if (isZip(files[0]!)) void arrivals.open(files[0]!);
      else if (to && !folders) void arrivals.add(to, arrivalsOf(files));
      else if (to) {
        const inside = fromEvent(event).then((found) =>
          found.filter((each) => each instanceof File),
        );
        inside.then((found) => arrivals.add(to, arrivalsOf(found)), report.fail);
      } else if (folders) void arrivals.open(entries);
      else
        report.fail(
          new Error(
            'Drop pictures onto the class that they belong to, or a folder that holds a folder for each class.',
          ),
        );
    },
    { capture: true },
  );
  document.addEventListener(
    'paste',
    (event) => {
      const files = event.clipboardData?.files;
      const to = cards.latest ?? (canTry() ? undefined : album.classes[0]);
      if (!files?.length || !to) return;
      event.preventDefault();
      event.stopPropagation();
      void arrivals.add(to, arrivalsOf(files));
    },
    { capture: true },
  );
}
