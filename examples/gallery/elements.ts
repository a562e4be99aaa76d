/** elements: making and finding the elements of a page in a line each. */

/** The element of this id. A page that lacks it is broken, and says which. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id} is not in this page.`);
  return found as T;
}

/** An element with properties and children: `make('button', { type: 'button' }, 'Stop')`. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** A button that does something. */
export const button = (
  text: string,
  onclick: () => unknown,
  properties: Partial<HTMLButtonElement> = {},
): HTMLButtonElement =>
  make('button', { type: 'button', onclick: () => void onclick(), ...properties }, text);
