/** packageFile: a file of this package in Node, also from a bundle that was made of it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BackendError } from '../errors';

/**
 * Returns where a file of this package lies.
 *
 * The URL is Node's own, also where a test runner has replaced the global class.
 *
 * @param beside where it is expected: throws or does not exist in a bundle
 * @param path from the folder of the package, which is then looked up in node_modules: from the
 * current folder and from the program
 * @throws BackendError if the package is not found.
 */
export function packageFile(beside: () => URL, path: string): URL {
  try {
    const file = fileURLToPath(beside().href);
    if (existsSync(file)) return pathToFileURL(file);
  } catch {
    // bundled to CommonJS, without import.meta.url
  }
  for (const from of [join(process.cwd(), 'index.js'), process.argv[1]]) {
    try {
      const file = join(dirname(createRequire(from!).resolve('alexnet-ts/package.json')), path);
      if (existsSync(file)) return pathToFileURL(file);
    } catch {
      // not installed there
    }
  }
  throw new BackendError(
    `load: ${path} of alexnet-ts must be in node_modules, got a bundle without it. ` +
      'Install alexnet-ts where the bundle runs, or keep it external to the bundle.',
  );
}
