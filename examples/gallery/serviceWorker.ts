/** The service worker: offline use, and COOP and COEP headers on hosts that do not send them. */
import { PrecacheController, PrecacheRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { files, shards } from 'virtual:precache';

declare const self: ServiceWorkerGlobalScope;

const WEIGHTS = 'alexnet-gallery-weights';

/** SharedArrayBuffer, and so threads, require both headers on every response. */
function isolated(response: Response): Response {
  if (response.status === 0) return response; // opaque: cannot be changed
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}

/**
 * Caches files only if they have the hashes of the list. While a site is being uploaded, or if a
 * host sends a page instead of a missing script, the installation fails, the previous version
 * stays, and the next update tries again.
 */
const verified = new PrecacheController({
  cacheName: 'alexnet-gallery-verified',
  plugins: [{ handlerWillRespond: async ({ response }) => isolated(response) }],
});
verified.addToCacheList(files);
self.addEventListener('install', (event) => void verified.install(event));
self.addEventListener('activate', (event) => {
  void verified.activate(event);
  event.waitUntil(self.clients.claim());
});
registerRoute(new PrecacheRoute(verified, { ignoreURLParametersMatching: [/.*/] }));

/** Files that are not precached: the weights, and files of a later version of the site. */
registerRoute(
  ({ sameOrigin }) => sameOrigin,
  async ({ request }) =>
    isolated((await caches.match(request, { cacheName: WEIGHTS })) ?? (await fetch(request))),
);

self.addEventListener('message', (event) =>
  event.waitUntil(event.data === 'activate if alone' ? activateIfAlone() : cacheWeights()),
);

/**
 * Replaces the previous version if the page that asks for it is the only one. Other pages of the
 * previous version still need its files.
 */
async function activateIfAlone() {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length === 1) await self.skipWaiting();
}

/** Caches shards that no page has loaded yet; the library caches loaded ones by their hash. */
async function cacheWeights() {
  const connection = (self.navigator as Navigator & { connection?: { saveData?: boolean } })
    .connection;
  if (connection?.saveData) return;
  const cache = await caches.open(WEIGHTS);
  const wanted = shards.map(({ url }) => new URL(url, self.location.href).href);
  for (const { url } of await cache.keys()) if (!wanted.includes(url)) await cache.delete(url);
  for (const [i, { sha256 }] of shards.entries()) {
    const byHash = await caches.match(new URL(`/.alexnet-ts/${sha256}`, self.location.origin));
    if (byHash || (await cache.match(wanted[i]!))) continue;
    const response = await fetch(wanted[i]!);
    const isPage = /html/.test(response.headers.get('content-type') ?? ''); // for a missing file
    if (response.ok && !isPage) await cache.put(wanted[i]!, response);
  }
}
