/** packageFolder: finds this package's folder on a dev server that serves it from a cache. */

/** Matches a URL in the server's cache. Captures the base URL of the server's pages. */
const CACHE = /^(.*?\/)(?:@fs\/|node_modules\/|\.)[^?]*\bdeps\//;

let found: Promise<string | undefined> | undefined;

/**
 * Asks the dev server for the package's folder and resolves to its URL; to undefined if this script
 * is not in such a cache, or if the server does not respond.
 */
export const packageFolder = (): Promise<string | undefined> => (found ??= ask());

async function ask(): Promise<string | undefined> {
  const url = import.meta.url;
  const [, base] = CACHE.exec(url) ?? [];
  if (base === undefined) return undefined;
  try {
    // Vite 6 and 7 respond with a module, even if the package is in a parent folder.
    const response = await fetch(`${base}@id/alexnet-ts/package.json?import&url`);
    const [, path] = /^export default "(.+\/)package\.json/m.exec(await response.text()) ?? [];
    if (path) return new URL(path, base).href;
    const nearby = url.replace(
      /(node_modules|\.[^/]+)\/[^?]*\bdeps\/.*/,
      'node_modules/alexnet-ts/',
    );
    const { name } = (await (await fetch(`${nearby}package.json`)).json()) as { name?: unknown };
    return name === 'alexnet-ts' ? nearby : undefined;
  } catch {
    return undefined;
  }
}
