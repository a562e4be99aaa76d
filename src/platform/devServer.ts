/**
 * The development servers of Vite up to version 7 and of frameworks that use it (Nuxt, SvelteKit,
 * Angular, …) serve packages from a cache, in which `new URL(…, import.meta.url)` finds no files:
 * `/node_modules/.vite/deps/alexnet-ts.js`.
 */

/** Whether this script may be served from such a cache; `packageFolder` finds out. */
export const inDevServerCache = /\/deps\//.test(import.meta.url);
