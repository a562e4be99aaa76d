/**
 * findBrowser: the headless browser for the tests. It renders in software, or on the
 * GPU of the machine if ALEXNET_GPU is set.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

const flags = [
  '--headless',
  '--no-sandbox', // Chrome's sandbox does not start as root, as in containers
  '--ignore-gpu-blocklist',
  '--disable-dev-shm-usage', // only 64 MB in many containers
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

/** Flags that select the renderer, by ALEXNET_GPU. */
const renderers = {
  '': ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'], // the same pixels on every machine
  swiftshader: [
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
  ],
  default: ['--enable-gpu', '--enable-unsafe-webgpu'],
  gl: ['--enable-gpu', '--enable-unsafe-webgpu', '--use-angle=gl-egl'],
  vulkan: [
    '--enable-gpu',
    '--enable-unsafe-webgpu',
    '--use-angle=vulkan',
    '--enable-features=Vulkan',
    '--disable-vulkan-surface', // there is no display
  ],
};

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
 * Returns CHROME_BIN, an installed Chrome or Chromium, or that of the package @sparticuz/chromium.
 * `env` has additional environment variables.
 *
 * @param {string} gpu the renderer: '' is SwiftShader without WebGPU
 * @returns {{ path: string, args: string[], env: Record<string, string>, name: string }}
 */
export function findBrowser(gpu = process.env.ALEXNET_GPU ?? '') {
  const drawing = renderers[gpu];
  if (!drawing)
    throw new Error(
      `ALEXNET_GPU: must be ${Object.keys(renderers).filter(Boolean).join(', ')} or not set, got ${gpu}.`,
    );
  const args = [...flags, ...drawing];
  const chosen = process.env.CHROME_BIN;
  if (chosen && !isProgram(chosen)) {
    throw new Error(
      `CHROME_BIN: must be a program, got ${chosen}, which does not exist or cannot be run. ${advice}`,
    );
  }
  const path = chosen || installedBrowser();
  if (path) return { path, args, env: {}, name: `${basename(path)} (${path})` };
  return { ...bundledBrowser(), args };
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

/**
 * Unpacks the browser of @sparticuz/chromium into a temporary folder, once per version and user.
 */
function bundledBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `No Chrome or Chromium was found, and the bundled one is for Linux on x64 only. ${advice}`,
    );
  }
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', sparticuz()), 'utf8'));
  const folder = join(tmpdir(), `alexnet-ts-chromium-${version}-${process.getuid()}`);
  if (!isWhole(folder)) unpack(folder);

  // Uses its own NSS and NSPR, which servers may lack.
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(
    (path) => path,
  );
  return {
    path: join(folder, 'chromium'),
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
 * Unpacks into a new folder and renames it, so that parallel runs never see an incomplete browser.
 * The first run to rename wins.
 */
function unpack(folder) {
  const staging = mkdtempSync(`${folder}.`);
  try {
    // The package unpacks into TMPDIR, and libraries only if it detects Amazon Linux. So run it in
    // a
    // process with a modified environment.
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

/** Whether all files are complete and owned by this user: temporary files may be cleaned up. */
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

/** The fonts.conf of the package looks for fonts in /tmp/fonts, which does not exist. */
const fontsConf = (folder) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;
