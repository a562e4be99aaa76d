/** packageFolder: where this package lies for a dev server that serves it from a cache. */

/** The address of the server's pages, and of what is in its cache. */
const CACHE = /^(.*?\/)(?:@fs\/|node_modules\/|\.)[^?]*\bdeps\//;

let found: Promise<string | undefined> | undefined;

/**
 * The address of the package's folder, asked of the dev server. Undefined if this script is not in
 * the cache of one, or if it does not say.
 */
export const packageFolder = (): Promise<string | undefined> => (found ??= ask());

async function ask(): Promise<string | undefined> {
  const url = import.meta.url;
  const [, base] = CACHE.exec(url) ?? [];
  if (base === undefined) return undefined;
  try {
    // Vite 6 and 7 answer with a module, also where the package lies in a folder above.
    const response = await fetch(`${base}@id/alexnet-ts/package.json?import&url`);
    const [, path] = /^export default "(.+\/)package\.json/m.exec(await response.text()) ?? [];
    if (path) return new URL(path, base).href;
    const beside = url.replace(
      /(node_modules|\.[^/]+)\/[^?]*\bdeps\/.*/,
      'node_modules/alexnet-ts/',
    );
    const { name } = (await (await fetch(`${beside}package.json`)).json()) as { name?: unknown };
    return name === 'alexnet-ts' ? beside : undefined;
  } catch {
    return undefined;
  }
}
