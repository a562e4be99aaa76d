/** page: what every page of the gallery does: the tabs with its source, and the service worker for offline use and threads. */

/** Tabs as the ARIA practices have them: arrows move, one of them is in the tab order. */
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

for (const copy of document.querySelectorAll<HTMLButtonElement>('button[data-copies]')) {
  copy.addEventListener('click', async () => {
    const text = document.getElementById(copy.dataset.copies!)!.textContent;
    await navigator.clipboard.writeText(text.trim());
    copy.textContent = 'Copied';
  });
}

let inUse = false;
for (const type of ['pointerdown', 'keydown', 'drop', 'paste'])
  addEventListener(type, () => (inUse = true), { capture: true, once: true });

/**
 * The service worker keeps the gallery for offline use, and adds the headers that WASM threads need where the server does not send
 * them: then the page is loaded once more, under the worker's eyes, unless somebody is at work in it. The next page has them anyway.
 */
async function keepOffline() {
  if (!('serviceWorker' in navigator)) return;
  const script = new URL(document.querySelector<HTMLLinkElement>('link[rel=service-worker]')!.href);
  const registration = await navigator.serviceWorker.register(script, { updateViaCache: 'none' });
  await navigator.serviceWorker.ready;
  if (!crossOriginIsolated && !inUse && !sessionStorage.getItem('reloaded')) {
    sessionStorage.setItem('reloaded', 'once'); // a browser without isolation must not go round in circles
    location.reload();
    return;
  }
  setTimeout(() => registration.active?.postMessage('keep the weights'), 5000);
}
keepOffline().catch(() => {
  // Private modes refuse service workers: the page works all the same, online and on one thread.
});
