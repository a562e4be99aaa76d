/** classList: lets the visitor look up which classes the network knows. */
import { createElement } from './elements';
import { countOf } from './format';

/** Fills an element with a list that opens on a click, and a field to search it. */
export function classList(element: HTMLElement, labels: readonly string[]): void {
  const kinds = countOf(labels.length, 'kind of thing', 'kinds of things');
  const search = createElement('input', {
    type: 'search',
    placeholder: 'for example: dog',
    ariaLabel: 'Search the kinds of things',
    autocomplete: 'off',
  });
  const found = createElement('p', { className: 'note', role: 'status' });
  const list = createElement('ul', { tabIndex: 0, ariaLabel: 'Kinds of things' }); // it scrolls
  const sorted = labels.toSorted((a, b) => a.localeCompare(b, 'en'));
  const show = () => {
    const word = search.value.trim().toLowerCase();
    const matching = sorted.filter((label) => label.toLowerCase().includes(word));
    list.replaceChildren(...matching.map((label) => createElement('li', {}, label)));
    found.textContent = !word
      ? ''
      : matching.length > 0
        ? `${matching.length} of ${kinds}`
        : `It does not know “${search.value.trim()}” and will call it something else.`;
  };
  const details = createElement(
    'details',
    { className: 'class-list' },
    createElement('summary', {}, `Look up the ${kinds} it knows`),
    search,
    found,
    list,
  );
  search.addEventListener('input', show);
  details.addEventListener('toggle', () => list.childElementCount === 0 && show());
  element.replaceChildren(details);
}
