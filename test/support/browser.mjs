/** findBrowser: the headless browser that the tests run in, with the flags that give it WebGL2 where there is no GPU. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

const flags = [
  '--headless',
  '--no-sandbox', // containers run as root, where Chrome's sandbox refuses to start; only our own pages are opened
  '--use-angle=swiftshader', // WebGL2 in software: the same pixels on every machine
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-dev-shm-usage', // 64 MB in many containers: too little for a tab full of tensors
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-quic',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
];

const namesOnPath = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];

const placesOffPath = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter((folder) => folder)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
};

const advice = 'Install Chrome or Chromium, or set CHROME_BIN to the path of one.';

/**
 * CHROME_BIN if it is set, else an installed Chrome or Chromium, else the one inside the package @sparticuz/chromium.
 * `env` holds only what the browser needs on top of this process's environment.
 *
 * @returns {{ path: string, args: string[], env: Record<string, string>, name: string }}
 */
export function findBrowser() {
  const chosen = process.env.CHROME_BIN;
  if (chosen && !isProgram(chosen)) {
    throw new Error(
      `CHROME_BIN: must be a program, got ${chosen}, which does not exist or cannot be run. ${advice}`,
    );
  }
  const path = chosen || installedBrowser();
  if (path) return { path, args: [...flags], env: {}, name: `${basename(path)} (${path})` };
  return bundledBrowser();
}

function installedBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder);
  const onPath = namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...(placesOffPath[process.platform] ?? [])].find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The browser of @sparticuz/chromium, unpacked once for each version and user into the folder for temporary files. */
function bundledBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `No Chrome or Chromium was found, and the bundled one is for Linux on x64 only. ${advice}`,
    );
  }
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', sparticuz()), 'utf8'));
  const folder = join(tmpdir(), `alexnet-ts-chromium-${version}-${process.getuid()}`);
  if (!isWhole(folder)) unpack(folder);

  // Its own NSS and NSPR, so that it starts on machines without a desktop's libraries.
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(
    (path) => path,
  );
  return {
    path: join(folder, 'chromium'),
    args: [...flags],
    env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
    name: `@sparticuz/chromium ${version}`,
  };
}

function sparticuz() {
  try {
    return import.meta.resolve('@sparticuz/chromium');
  } catch (cause) {
    throw new Error(
      `No Chrome or Chromium was found, nor the package @sparticuz/chromium. ${advice}`,
      { cause },
    );
  }
}

/**
 * Unpacks into a folder of its own and renames that into place in one step, so that another run never sees half a
 * browser. When two runs do this at once, the first to rename wins and the other uses what it made.
 */
function unpack(folder) {
  const staging = mkdtempSync(`${folder}.`);
  try {
    // The package unpacks into TMPDIR, and its libraries only where it believes to be on Amazon Linux. Hence a process
    // of its own, with an environment of its own.
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import c from '${sparticuz()}'; await c.executablePath();`,
      ],
      {
        env: { ...process.env, TMPDIR: staging, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    mkdirSync(join(staging, 'font-cache'));
    writeFileSync(join(staging, 'fonts.conf'), fontsConf(folder));
    writeFileSync(join(staging, 'unpacked.json'), JSON.stringify(sizes(staging)));

    if (isWhole(folder)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } catch (cause) {
    if (!isWhole(folder)) {
      throw new Error(
        `@sparticuz/chromium could not be unpacked to ${folder}: ${cause.message} ${advice}`,
        { cause },
      );
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Whether every file is there in its full size and is ours: cleaners of temporary folders take single files away. */
function isWhole(folder) {
  try {
    if (statSync(folder).uid !== process.getuid()) return false;
    const expected = Object.entries(
      JSON.parse(readFileSync(join(folder, 'unpacked.json'), 'utf8')),
    );
    return expected.every(([file, size]) => statSync(join(folder, file)).size === size);
  } catch {
    return false;
  }
}

function sizes(folder) {
  const files = readdirSync(folder, { recursive: true }).map((file) => [
    file,
    statSync(join(folder, file)),
  ]);
  return Object.fromEntries(
    files.filter(([, stat]) => stat.isFile()).map(([file, stat]) => [file, stat.size]),
  );
}

/** The package's own fonts.conf looks for its fonts in /tmp/fonts, where they are not. */
const fontsConf = (folder) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;
