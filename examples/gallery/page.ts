/** page: the code of every page: tabs with its source, and the service worker. */

import { networkSwitch } from './networkSwitch';

networkSwitch();

/** Tabs as in the ARIA Authoring Practices: arrow keys move, one tab is in the tab order. */
for (const list of document.querySelectorAll<HTMLElement>('[role=tablist]')) {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const select = (tab: HTMLElement) => {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute('aria-selected', String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      document.getElementById(each.getAttribute('aria-controls')!)!.hidden = !chosen;
    }
  };
  list.addEventListener('click', ({ target }) => {
    const tab = (target as Element).closest<HTMLElement>('[role=tab]');
    if (tab) select(tab);
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next =
      tabs[
        (tabs.indexOf(document.activeElement as HTMLElement) + step + tabs.length) % tabs.length
      ]!;
    select(next);
    next.focus();
    event.preventDefault();
  });
}

for (const copy of document.querySelectorAll<HTMLButtonElement>('button[data-copy-from]')) {
  copy.addEventListener('click', async () => {
    const text = document.getElementById(copy.dataset.copyFrom!)!.textContent;
    await navigator.clipboard.writeText(text.trim());
    copy.textContent = 'Copied';
  });
}

let used = false;
for (const type of ['pointerdown', 'keydown', 'drop', 'paste'])
  addEventListener(type, () => (used = true), { capture: true, once: true });

/**
 * Registers the service worker, which caches the gallery for offline use and adds the headers that
 * WASM threads need if the server does not send them. In that case the page reloads once, unless
 * the visitor has started to use it; the next page has the headers anyway.
 */
async function registerServiceWorker() {
  if (!('serviceWorker' in navigator)) return;
  const script = new URL(document.querySelector<HTMLLinkElement>('link[rel=service-worker]')!.href);
  const isUpdate = navigator.serviceWorker.controller !== null;
  const registration = await navigator.serviceWorker.register(script, { updateViaCache: 'none' });
  if (isUpdate) offerUpdates(registration);
  await navigator.serviceWorker.ready;
  if (!crossOriginIsolated && !used && !sessionStorage.getItem('reloaded')) {
    // Avoids a reload loop in browsers without isolation.
    sessionStorage.setItem('reloaded', 'once');
    location.reload();
    return;
  }
  setTimeout(() => registration.active?.postMessage('cache the weights'), 5000);
}

/**
 * Lets a new version of the site take over if the visitor has not started to use this page, and no
 * other page is open; then reloads this page. Otherwise the next page offers it again.
 */
function offerUpdates(registration: ServiceWorkerRegistration) {
  const offer = () => {
    if (!used) registration.waiting?.postMessage('activate if alone');
  };
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', offer),
  );
  offer();
}

registerServiceWorker().catch(() => {
  // Private windows refuse service workers. The page still works, online and on one thread.
});
