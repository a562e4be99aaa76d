/** results: the figure: the picture that is asked for, the six nearest, and all others in a grid. */
import { inDigits } from '../gallery/inWords';
import { byId, button, make } from '../gallery/elements';
import { byDistance } from './distance';
import type { Entry } from './pictureIndex';

/** What the others are compared with: an entry, or a picture that is not in the index. */
export type Query = Pick<Entry, 'name' | 'features' | 'thumbnail'> & { key?: string };

const NEAREST = 6;
/** Of the grid, until more are asked for: a few rows. */
const FIRST = 48;

export function results(onChoose: (query: Query) => void) {
  const tiles = new Map<string, HTMLLIElement>(); // made when they are first shown
  const image = byId<HTMLImageElement>('query-image');
  const more = byId<HTMLButtonElement>('more');
  let shown = FIRST;
  let latest: { entries: readonly Entry[]; query: Query } | undefined;

  const tileOf = (entry: Entry, distance: number) => {
    let tile = tiles.get(entry.key);
    if (!tile) {
      const src = URL.createObjectURL(entry.thumbnail);
      const picture = make('img', { src, alt: entry.name, loading: 'lazy', decoding: 'async' });
      const choose = button('', () => onChoose(entry), { title: entry.name });
      choose.append(
        picture,
        make('span', { className: 'name' }, entry.name),
        make('span', { className: 'distance' }),
      );
      tiles.set(entry.key, (tile = make('li', {}, choose)));
    }
    tile.querySelector('.distance')!.textContent = distance.toFixed(1);
    return tile;
  };

  function show(entries: readonly Entry[], query: Query) {
    if (latest?.query !== query) {
      URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(query.thumbnail);
      image.alt = query.name;
      byId('query-name').textContent = query.name;
    }
    latest = { entries, query };
    const sorted = byDistance(entries, query);
    const drawn = sorted
      .slice(0, NEAREST + shown)
      .map(({ entry, distance }) => tileOf(entry, distance));
    byId('nearest').replaceChildren(...drawn.slice(0, NEAREST));
    byId('others').replaceChildren(...drawn.slice(NEAREST));
    byId('rest').hidden = sorted.length <= NEAREST;
    more.hidden = sorted.length <= NEAREST + shown;
    more.textContent = `Show all ${inDigits(sorted.length - NEAREST)}`;
    byId('results').hidden = false;
  }

  more.addEventListener('click', () => {
    shown = Infinity;
    const { entries, query } = latest!;
    show(entries, query);
    byId('others').querySelectorAll('button')[FIRST]!.focus();
  });

  return {
    show,
    /** Nothing is known any more. */
    clear() {
      for (const tile of tiles.values()) URL.revokeObjectURL(tile.querySelector('img')!.src);
      tiles.clear();
      latest = undefined;
      shown = FIRST;
      byId('results').hidden = true;
    },
  };
}
