/** scrollPosition: restores the scroll position when the project is shown, which is after the page. */

/** Keeps the position in the history, and returns a function that restores it after a reload. */
export function scrollPosition(): () => void {
  const state = (history.state ?? {}) as { scroll?: number };
  let position = state.scroll;
  history.scrollRestoration = 'manual'; // the browser would scroll too early
  addEventListener('pagehide', () => history.replaceState({ ...state, scroll: scrollY }, ''));
  for (const type of ['wheel', 'touchstart', 'keydown', 'pointerdown'])
    addEventListener(type, () => (position = undefined), { once: true, passive: true });
  return () => {
    if (position !== undefined) scrollTo({ top: position, behavior: 'instant' });
  };
}
