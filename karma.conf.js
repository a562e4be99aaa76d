/**
 * The browser tests: one bundle of every *.test.ts in src/ and test/, in one headless browser, on
 * WebGL, WebAssembly and plain JS.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';
import esbuild from 'rollup-plugin-esbuild';
import { findBrowser } from './test/support/browser.mjs';

const root = import.meta.dirname;
const seconds = 1000;

/** What tests may fetch, as /base/<path>. */
const served = [
  'weights/**',
  'examples/images/**',
  'test/fixtures/**',
  'node_modules/@tensorflow/tfjs-backend-wasm/dist/*.wasm',
  'dist/inferenceThread.js',
];

/**
 * The test files of one kind, sorted. ALEXNET_TESTS keeps those whose path contains one of its
 * comma-separated words.
 *
 * @param {'browser' | 'node' | 'gallery'} kind
 */
export function testFiles(kind) {
  const words = (process.env.ALEXNET_TESTS ?? '').split(',').filter((word) => word);
  const folders = {
    browser: ['src', 'test'],
    node: ['src', 'test', 'bench'],
    gallery: ['examples'],
  }[kind];
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map(
        (file) => `${folder}/${file.replaceAll('\\', '/')}`,
      ),
    )
    .filter(
      (file) => file.endsWith('.test.ts') && file.endsWith('.node.test.ts') === (kind === 'node'),
    )
    .filter(
      (file) =>
        words.length === 0 || words.some((word) => file.toLowerCase().includes(word.toLowerCase())),
    )
    .sort();
}

/**
 * @param {{ set(options: object): void }} config Karma's, or anything else that takes its options.
 */
export default function configure(config) {
  configureFor(findBrowser(), config);
}

/**
 * @param {ReturnType<typeof findBrowser> | { name: string, open(url: string): Promise<unknown> }}
 * browser a program to start, or a running browser
 * @param {{ set(options: object): void }} config
 */
export function configureFor(browser, config) {
  const entry = writeEntry(testFiles('browser'));

  config.set({
    basePath: root,
    port: Number(process.env.KARMA_PORT ?? 9876),
    frameworks: ['jasmine'],
    files: [
      { pattern: entry, watched: false },
      // nocache: read from the disk at each request and sent as they are, not held in memory
      ...served.map((pattern) => ({ pattern, included: false, watched: false, nocache: true })),
    ],
    preprocessors: { [entry]: ['rollup'] },
    rollupPreprocessor: {
      treeshake: false, // rollup would leave nothing of what only an inlined import() asks for
      external: [/^node:/, 'sharp'], // only ever imported in Node
      plugins: [
        nodeResolve({ browser: true, rootDir: root, ignoreSideEffectsForRoot: true }), // tests are nothing but side effects
        commonjs({ ignore: builtinModules }), // tfjs-backend-wasm requires them, behind a check for Node
        json(),
        esbuild({ target: 'es2022' }),
        sourceUrls,
      ],
      output: { format: 'iife', sourcemap: 'inline', inlineDynamicImports: true },
      onwarn: failOnMissingImport,
    },

    plugins: [
      'karma-jasmine',
      'karma-rollup-preprocessor',
      {
        'launcher:headless': ['factory', 'open' in browser ? opener(browser) : launcher(browser)],
        'reporter:groups': ['factory', reporter(browser)],
      },
    ],
    browsers: ['headless'],
    reporters: ['groups'],
    formatError: (text) =>
      text.replace(/ <- [^\s)]+|\n\s+at <Jasmine>/g, '').replaceAll(`${root}/`, ''),
    colors: Boolean(process.stdout.isTTY),
    logLevel: 'WARN',
    client: {
      long: Boolean(process.env.ALEXNET_LONG),
      jasmine: { random: false, timeoutInterval: 240 * seconds },
    },

    // A software GPU blocks the page for minutes: neither silence nor a late answer to a ping means
    // that it has died.
    browserNoActivityTimeout: 300 * seconds,
    pingTimeout: 300 * seconds,
    browserSocketTimeout: 60 * seconds,
    captureTimeout: 120 * seconds,

    customHeaders: [
      // crossOriginIsolated, without which there are no threads in WebAssembly
      { match: '.*', name: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
      { match: '.*', name: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
    ],
    mime: {
      'application/octet-stream': ['bin', 'gz'], // shards reach the loader compressed, as from any plain file server
      'application/wasm': ['wasm'],
    },
  });
}

/**
 * Karma bundles files, so the list of imports becomes one, outside the tree, for as long as this
 * process lives.
 */
function writeEntry(files) {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-ts-tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, 'tests.js');
  writeFileSync(
    entry,
    files.map((file) => `import ${JSON.stringify(join(root, file))};\n`).join(''),
  );
  return entry;
}

/** Gives each source file the import.meta.url that it would have unbundled, below /base. */
const sourceUrls = {
  name: 'source-urls',
  resolveImportMeta(property, { moduleId }) {
    const path = `/base/${relative(root, moduleId).replaceAll('\\', '/')}`;
    return property === 'url' ? `new URL(${JSON.stringify(path)}, location.href).href` : null;
  },
};

function failOnMissingImport(warning, warn) {
  if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
  if (
    !warning.ids?.every((id) => id.includes('node_modules')) &&
    !warning.id?.includes('node_modules')
  )
    warn(warning);
}

/** Karma's launcher of the browser, with a fresh profile each time. */
function launcher({ path, args, env }) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = variables.length ? ['env', ...variables, path] : [path];

  function create(baseBrowserDecorator) {
    const self = { name: 'headless', ENV_CMD: 'CHROME_BIN' };
    baseBrowserDecorator(self);
    self._retryLimit = -1; // a browser started again after a crash would sit idle until browserNoActivityTimeout
    self._getCommand = () => command[0];
    self._getOptions = (url) => [
      ...command.slice(1),
      ...args,
      `--user-data-dir=${self._tempDir}`,
      '--remote-debugging-port=0', // keeps a headless browser open; 0 is any free port
      url,
    ];
    return self;
  }
  create.$inject = ['baseBrowserDecorator'];
  return create;
}

/** A launcher that opens Karma's page in a running browser. */
function opener({ open }) {
  function create(baseLauncherDecorator) {
    const self = { name: 'headless' };
    baseLauncherDecorator(self);
    self.on('start', (url) => {
      open(url).catch((error) => {
        process.stderr.write(`${error.message}\n`);
        self._done('failure');
      });
    });
    return self;
  }
  create.$inject = ['baseLauncherDecorator'];
  return create;
}

/**
 * One line for each outermost describe(), each failure in full as it happens, errors and warnings
 * of the console.
 */
function reporter({ name }) {
  function create(formatError) {
    const print = (text) => process.stdout.write(`${text.trimEnd()}\n`);
    let group;
    let groupStart;
    let complete;

    function endGroup() {
      if (!group) return;
      const { title, passed, failed, skipped } = group;
      const seconds = (performance.now() - groupStart) / 1000;
      const counts = [
        `${passed} passed`,
        failed && `${failed} FAILED`,
        skipped && `${skipped} skipped`,
      ];
      print(
        `${failed ? '✗' : '✓'} ${title}: ${counts.filter(Boolean).join(', ')} (${seconds.toFixed(1)} s)`,
      );
      group = undefined;
      groupStart = performance.now();
    }

    return {
      adapters: [],
      onRunStart() {
        complete = false;
        print(`Browser tests in ${name}`);
      },
      onBrowserStart: () => (groupStart = performance.now()),
      onSpecComplete(_browser, { suite, description, success, skipped, log }) {
        const title = suite[0] ?? description;
        if (group?.title !== title) endGroup();
        group ??= { title, passed: 0, failed: 0, skipped: 0 };
        group[skipped ? 'skipped' : success ? 'passed' : 'failed']++;
        if (!skipped && !success) {
          print(`✗ ${[...suite, description].join(' › ')}`);
          for (const entry of log) print(formatError(entry, '    '));
        }
      },
      onBrowserLog(_browser, message, type) {
        if (type === 'error' || type === 'warn') print(`  console.${type}: ${message}`);
      },
      onBrowserError(_browser, error) {
        endGroup();
        print(`✗ The browser reports an error:\n${formatError(error, '    ')}`);
      },
      onRunComplete(_browsers, { success, failed, skipped, disconnected }) {
        if (complete) return; // Karma says so twice after an error
        complete = true;
        endGroup();
        if (disconnected) print('✗ The browser went away before the tests were done.');
        if (success + failed === 0) print('✗ No test ran.');
        print(`${success} passed, ${failed} failed, ${skipped} skipped`);
      },
    };
  }
  create.$inject = ['formatError'];
  return create;
}
