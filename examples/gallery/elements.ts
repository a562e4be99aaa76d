/** Creates and finds elements of the page. */

/**
 * Returns the element with this id.
 *
 * @throws Error if the page has no such element.
 */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id} is not in this page.`);
  return found as T;
}

/** Creates an element: `createElement('button', { type: 'button' }, 'Stop')`. */
export function createElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Creates a button that calls `onclick`. */
export const button = (
  text: string,
  onclick: () => unknown,
  properties: Partial<HTMLButtonElement> = {},
): HTMLButtonElement =>
  createElement('button', { type: 'button', onclick: () => void onclick(), ...properties }, text);

/**
 * Calls `onResize` in the frame after the size of an element has changed, and once at first.
 * Within the observer's own callback, a change of the layout is an error event in every browser.
 */
export function observeSize(element: Element, onResize: () => void): void {
  new ResizeObserver(() => requestAnimationFrame(onResize)).observe(element);
}

/** Whether the main pointer is a finger, which cannot drop files. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;
