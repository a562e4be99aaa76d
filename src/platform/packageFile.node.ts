/** packageFile: finds a file of this package in Node, even from a bundle that contains its code. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BackendError } from '../errors';

/**
 * Returns the URL of a file of this package. It is an instance of Node's own class, even if a test
 * runner has replaced the global one.
 *
 * @param expected returns where the file is if this package is not bundled
 * @param path relative to the package's folder. In a bundle, the package is looked up in the
 * node_modules of the current folder and of the program.
 * @throws BackendError if the package is not found.
 */
export function packageFile(expected: () => URL, path: string): URL {
  try {
    const file = fileURLToPath(expected().href);
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
