/** mapSection: a map of the visitor's pictures, on which similar ones are neighbors. */
import { byId, createElement } from '../../gallery/elements';
import { countOf, timeLeft } from '../../gallery/format';
import type { Position } from '../../gallery/map/layout';
import { pictureMap, type PictureInfo } from '../../gallery/map/pictureMap';
import { placePictures } from '../../gallery/map/placePictures';
import { statusLine } from '../../gallery/statusLine';
import type { ClassPicture } from '../trainingSet';
import type { UndoBar } from '../undoBar';
import type { Workspace } from '../workspace';
import { mapDetail } from './mapDetail';
import { mapSelection } from './mapSelection';
import { PictureFeatures } from './pictureFeatures';

/** Colors of the classes, visible on paper and in the dark. They repeat from the eleventh class. */
const COLORS = ['#d1495b', '#2a7fba', '#2f9e6e', '#c58b00', '#8a4fb0', '#1aa6a6', '#b8621b', '#6b7280', '#d6649a', '#5b7f1f']; // prettier-ignore
/** Fewer pictures are not worth a map. */
const MIN_PICTURES = 3;

export function mapSection(workspace: Workspace, undo: UndoBar): void {
  const { trainingSet } = workspace;
  const status = statusLine(byId('map-status'));
  const start = byId<HTMLButtonElement>('draw-map');
  const cancel = byId<HTMLButtonElement>('cancel-map');
  const touch = byId<HTMLInputElement>('touch-lasso');
  const features = new PictureFeatures();
  const detail = mapDetail();
  const selection = mapSelection(trainingSet, undo);
  const map = pictureMap<ClassPicture>(byId('map'), {
    onOpen: (picture) => void open(picture),
    onSelect: (pictures) => {
      selection.show(pictures);
      if (pictures.length !== 1) detail.hide();
    },
    touchLasso: () => touch.checked,
  });
  let positions: ReadonlyMap<ClassPicture, Position> = new Map();
  let running: AbortController | undefined;
  selection.show([]);

  const pictures = () => trainingSet.classes.flatMap((each) => each.pictures);
  const colorOf = (index: number) => COLORS[index % COLORS.length]!;

  /** Returns what the map shows of each picture of the training set. */
  function infoOfAll(): Map<ClassPicture, PictureInfo> {
    const results = new Map(workspace.results.map((each) => [each.picture, each.predicted]));
    return new Map(
      trainingSet.classes.flatMap(({ name: label, pictures: own }, index) =>
        own.map((picture): [ClassPicture, PictureInfo] => {
          const predicted = results.get(picture);
          const mistake = predicted === label ? undefined : predicted;
          return [picture, { label, color: colorOf(index), mistake }];
        }),
      ),
    );
  }

  async function open(picture: ClassPicture) {
    const label = trainingSet.classOf(picture)?.name;
    if (label) await detail.show(picture, label, workspace.model, await workspace.base);
  }

  /** Shows the pictures that still exist, with their current classes and mistakes. */
  function show() {
    const info = infoOfAll();
    // Positions of deleted pictures are kept, in case the deletion is undone.
    const placed = new Map([...positions].filter(([picture]) => info.has(picture)));
    byId('map-body').hidden = placed.size === 0;
    map.show(placed, (picture) => info.get(picture)!);
    byId('map-legend').replaceChildren(
      ...trainingSet.classes.map(({ name }, i) => {
        const chip = createElement('li', {}, name);
        chip.style.setProperty('--class', colorOf(i));
        return chip;
      }),
    );
    selection.show(map.selected);
    const mistakes = [...placed.keys()].filter((picture) => info.get(picture)!.mistake);
    byId('map-mistakes').textContent =
      mistakes.length > 0
        ? `“!” marks ${countOf(mistakes.length, 'held-out picture')} that your model got wrong.`
        : '';
    byId('map-mistakes').hidden = mistakes.length === 0;
  }

  async function draw() {
    running?.abort();
    const { signal } = (running = new AbortController());
    const begin = performance.now();
    cancel.hidden = false;
    start.disabled = true;
    try {
      const all = pictures();
      if (all.length < MIN_PICTURES)
        throw new Error(`Add at least ${MIN_PICTURES} pictures to draw a map of them.`);
      status.progress('Looking at the pictures …');
      const found = await features.of(all, await workspace.base, {
        signal,
        onProgress: (done, total) =>
          status.progress(
            `Looking at the pictures: ${done} of ${total}${timeLeft(begin, done, total)}`,
            done / total,
          ),
      });
      status.progress('Placing the pictures …');
      const placed = [...found.keys()];
      const onPositions = (list: Position[]) => {
        positions = new Map(placed.map((picture, i) => [picture, list[i]!]));
        show();
      };
      await placePictures([...found.values()], onPositions, signal);
      const seconds = Math.max(1, Math.round((performance.now() - begin) / 1000));
      status.show(`${countOf(positions.size, 'picture')} placed in ${seconds} s.`);
      start.textContent = 'Draw it again';
    } catch (error) {
      if (signal.aborted) status.show('Canceled.');
      else status.fail(error);
    } finally {
      cancel.hidden = true;
      start.disabled = false;
    }
  }

  start.addEventListener('click', () => void draw());
  cancel.addEventListener('click', () => running?.abort());
  touch.addEventListener('change', () =>
    byId('map').classList.toggle('touch-lasso', touch.checked),
  );
  workspace.on('pictures', () => {
    if (positions.size === 0) return;
    show();
    const missing = pictures().filter((picture) => !positions.has(picture)).length;
    start.textContent = missing > 0 ? 'Update the map' : 'Draw it again';
    status.show(
      missing > 0 ? `${countOf(missing, 'picture is', 'pictures are')} not on the map yet.` : '',
    );
  });
  workspace.on('results', () => positions.size > 0 && show());
}
