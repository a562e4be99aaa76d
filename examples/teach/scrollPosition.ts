/** scrollPosition: restores the scroll position when the project is shown, which is after the page. */

const KEY = 'teach-scroll';

/** Stores the position when the page is left. Returns a function that restores it after a reload. */
export function scrollPosition(): () => void {
  let position = isReturn() ? storedPosition() : undefined;
  history.scrollRestoration = 'manual'; // the browser would scroll too early
  addEventListener('pagehide', storePosition);
  for (const type of ['wheel', 'touchstart', 'keydown', 'pointerdown'])
    addEventListener(type, () => (position = undefined), { once: true, passive: true });
  return () => {
    if (position !== undefined) scrollTo({ top: position, behavior: 'instant' });
  };
}

/** Whether the page was reached by a reload, Back or Forward. */
function isReturn(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return ['reload', 'back_forward'].includes((navigation as PerformanceNavigationTiming).type);
}

function storePosition() {
  try {
    sessionStorage.setItem(KEY, String(scrollY));
  } catch {
    // Some browsers refuse storage: then a reload starts at the top.
  }
}

function storedPosition(): number | undefined {
  try {
    return Number(sessionStorage.getItem(KEY) ?? 0);
  } catch {
    return undefined;
  }
}
