/** The service worker: offline use, and COOP and COEP headers on hosts that do not send them. */
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
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

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

addPlugins([{ handlerWillRespond: async ({ response }) => isolated(response) }]);
cleanupOutdatedCaches();
precacheAndRoute(files, { ignoreURLParametersMatching: [/.*/] });

/** Files that are not precached: the weights, and files of a later version of the site. */
registerRoute(
  ({ sameOrigin }) => sameOrigin,
  async ({ request }) =>
    isolated((await caches.match(request, { cacheName: WEIGHTS })) ?? (await fetch(request))),
);

/** Caches shards that no page has loaded yet; the library caches loaded ones by their hash. */
self.addEventListener('message', (event) => event.waitUntil(cacheWeights()));

async function cacheWeights() {
  const connection = (self.navigator as Navigator & { connection?: { saveData?: boolean } })
    .connection;
  if (connection?.saveData) return;
  const cache = await caches.open(WEIGHTS);
  const wanted = shards.map(({ url }) => new URL(url, self.location.href).href);
  for (const { url } of await cache.keys()) if (!wanted.includes(url)) await cache.delete(url);
  for (const [i, { sha256 }] of shards.entries()) {
    const byHash = await caches.match(new URL(`/.alexnet-ts/${sha256}`, self.location.origin));
    if (!byHash && !(await cache.match(wanted[i]!))) await cache.add(wanted[i]!);
  }
}
