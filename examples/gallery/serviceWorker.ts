/** The service worker: the gallery offline, and COOP and COEP on hosts that send no headers of one's own. */
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { files, shards } from 'virtual:precache';

declare const self: ServiceWorkerGlobalScope;

const WEIGHTS = 'alexnet-gallery-weights';

/** SharedArrayBuffer, and so threads, need both on every answer. */
function isolated(response: Response): Response {
  if (response.status === 0) return response; // opaque: not ours to change
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

/** What is not kept at once: the weights, and whatever a later version of the site has. */
registerRoute(
  ({ sameOrigin }) => sameOrigin,
  async ({ request }) =>
    isolated((await caches.match(request, { cacheName: WEIGHTS })) ?? (await fetch(request))),
);

/** The library keeps the shards that it has fetched by their hash; those that no page has asked for yet are kept here, when there is time. */
self.addEventListener('message', (event) => event.waitUntil(keepWeights()));

async function keepWeights() {
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
