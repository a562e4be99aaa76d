/** mapSelection: moves the selected pictures to another class, or removes them. */
import { byId, createElement } from '../../gallery/elements';
import { countOf } from '../../gallery/format';
import type { ClassPicture, TrainingSet } from '../trainingSet';
import type { UndoBar } from '../undoBar';

export interface MapSelection {
  /** Shows what can be done with these pictures. */
  show(pictures: readonly ClassPicture[]): void;
}

export function mapSelection(trainingSet: TrainingSet, undo: UndoBar): MapSelection {
  const count = byId('map-count');
  const target = byId<HTMLSelectElement>('map-target');
  const [move, remove] = ['map-move', 'map-remove'].map((id) => byId<HTMLButtonElement>(id)) as [
    HTMLButtonElement,
    HTMLButtonElement,
  ];
  let selected: readonly ClassPicture[] = [];

  move.addEventListener('click', () => {
    const to = trainingSet.classes.find(({ id }) => id === target.value);
    if (!to) return;
    const text = `Moved ${countOf(selected.length, 'picture')} to ${to.name}.`;
    undo.offer(text, trainingSet.movePictures(selected, to));
  });
  remove.addEventListener('click', () => {
    const text = `Removed ${countOf(selected.length, 'picture')}.`;
    undo.offer(text, trainingSet.removePictures(selected));
    // The button is disabled now.
    byId('map').querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  function update() {
    const chosen = target.value;
    const none = selected.length === 0;
    // Moving pictures to the class that they belong to would do nothing.
    const others = trainingSet.classes.filter(
      ({ pictures }) => none || selected.some((picture) => !pictures.includes(picture)),
    );
    target.replaceChildren(
      ...others.map(({ id, name }) =>
        createElement('option', { value: id, selected: id === chosen }, name),
      ),
    );
    count.textContent = none
      ? 'Click a picture, or drag a rectangle or draw a line around several.'
      : `${countOf(selected.length, 'picture')} selected`;
    target.disabled = move.disabled = none || others.length === 0;
    remove.disabled = none;
  }
  return {
    show(pictures) {
      selected = pictures;
      update();
    },
  };
}
