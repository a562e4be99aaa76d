/** results: shows the query, the six nearest pictures, and all others in a grid. */
import { formatCount } from '../gallery/format';
import { byId, button, createElement } from '../gallery/elements';
import { sortByDistance } from '../gallery/distance';
import type { IndexEntry } from './pictureIndex';

/** The picture that others are compared with; without a key if it is not in the index. */
export type Query = Pick<IndexEntry, 'name' | 'features' | 'thumbnail'> & { key?: string };

const NEAREST = 6;
/** Number of other pictures shown before "Show all". */
const FIRST = 48;

export function results(onChoose: (query: Query) => void) {
  const tiles = new Map<string, HTMLLIElement>(); // created on first use
  const image = byId<HTMLImageElement>('query-image');
  const more = byId<HTMLButtonElement>('more');
  let shown = FIRST;
  let latest: { entries: readonly IndexEntry[]; query: Query } | undefined;

  const tileOf = (entry: IndexEntry, distance: number) => {
    let tile = tiles.get(entry.key);
    if (!tile) {
      const src = URL.createObjectURL(entry.thumbnail);
      const picture = createElement('img', {
        src,
        alt: entry.name,
        loading: 'lazy',
        decoding: 'async',
      });
      const choose = button('', () => onChoose(entry), { title: entry.name });
      choose.append(
        picture,
        createElement('span', { className: 'name' }, entry.name),
        createElement('span', { className: 'distance' }),
      );
      tiles.set(entry.key, (tile = createElement('li', {}, choose)));
    }
    tile.querySelector('.distance')!.textContent = distance.toFixed(1);
    return tile;
  };

  function show(entries: readonly IndexEntry[], query: Query) {
    if (latest?.query !== query) {
      URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(query.thumbnail);
      image.alt = query.name;
      byId('query-name').textContent = query.name;
    }
    latest = { entries, query };
    const sorted = sortByDistance(entries, query);
    const drawn = sorted
      .slice(0, NEAREST + shown)
      .map(({ entry, distance }) => tileOf(entry, distance));
    byId('nearest').replaceChildren(...drawn.slice(0, NEAREST));
    byId('others').replaceChildren(...drawn.slice(NEAREST));
    byId('rest').hidden = sorted.length <= NEAREST;
    more.hidden = sorted.length <= NEAREST + shown;
    more.textContent = `Show all ${formatCount(sorted.length - NEAREST)}`;
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
    /** Removes all pictures. */
    clear() {
      for (const tile of tiles.values()) URL.revokeObjectURL(tile.querySelector('img')!.src);
      tiles.clear();
      latest = undefined;
      shown = FIRST;
      byId('results').hidden = true;
    },
  };
}
