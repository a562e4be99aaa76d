/** Finds the browsers to test, and says which program is missing. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** FIREFOX_BIN, or Firefox on the PATH. */
export function findFirefox() {
  const chosen = process.env.FIREFOX_BIN;
  return chosen ? [chosen].find(isProgram) : onPath('firefox', 'firefox-esr');
}

/** WEBKIT_BIN, or the MiniBrowser of WebKitGTK, which Debian keeps off the PATH. */
function findMiniBrowser() {
  if (process.env.WEBKIT_BIN) return [process.env.WEBKIT_BIN].find(isProgram);
  const roots = ['/usr/lib', '/usr/libexec', '/usr/lib64'].filter((folder) => existsSync(folder));
  const folders = roots.flatMap((root) => [
    root,
    ...readdirSync(root)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(root, name)),
  ]);
  return folders
    .flatMap((folder) =>
      ['4.1', '6.0', '4.0'].map((version) => {
        const gtk = version === '6.0' ? 'webkitgtk' : 'webkit2gtk';
        return join(folder, `${gtk}-${version}`, 'MiniBrowser');
      }),
    )
    .find(isProgram);
}

/**
 * The programs that an engine needs, and `missing`: the names of those that are not installed.
 *
 * @param {'webkit' | 'firefox'} engine
 */
export function findPrograms(engine) {
  const xvfb = onPath('Xvfb');
  const programs =
    engine === 'firefox'
      ? { firefox: findFirefox(), Xvfb: xvfb }
      : {
          MiniBrowser: findMiniBrowser(),
          WebKitWebDriver: onPath('WebKitWebDriver'),
          'dbus-run-session': onPath('dbus-run-session'),
          Xvfb: xvfb,
        };
  return { programs, missing: Object.keys(programs).filter((name) => !programs[name]) };
}
