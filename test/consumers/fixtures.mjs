/**
 * The projects of `npm run test:consumers`, a row each: pinned packages, files beyond the shared
 * program, and steps. A step returns undefined or the expected line if all is well.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { peerDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

/** A file of another framework, which the worker converts in a thread of its own. */
export const MODEL = 'torchvision.safetensors';
/** The picture that each fixture classifies, and the line that its program then prints. */
export const PICTURE = 'obelisk.jpg';
export const LABEL = 'obelisk';
export const EXPECTED = `${LABEL} wasm red`;

/** The package.json of a fixture's project. */
export function manifest({ packages = {}, type = 'module', sharp = false, more = {} }) {
  const { sharp: image, ...tfjs } = peerDependencies;
  return {
    name: 'app',
    version: '1.0.0',
    private: true,
    ...(type && { type }),
    dependencies: {
      'alexnet-ts': 'file:./alexnet-ts.tgz',
      ...tfjs,
      ...(sharp && { sharp: image }),
      ...packages,
    },
    ...more,
  };
}

const here = fileURLToPath(new URL('.', import.meta.url));
const PAGES = ['index.html', 'worker.html'];

/** Vite: its dev server, and its build, with the page and with the worker. */
const vite = (name, version, { files = {}, ...more } = {}) => ({
  name,
  packages: { vite: version },
  public: 'public',
  files: {
    'vite.config.js':
      "export default { build: { rollupOptions: { input: ['index.html', 'worker.html'] } } };\n",
    ...files,
  },
  steps: {
    dev: ({ server }) => server('npx vite --port $PORT --strictPort', PAGES),
    build: async ({ run, site }) => {
      await run('npx vite build');
      return site('dist', PAGES);
    },
  },
  ...more,
});

const webpackConfig = (mode) => `
export default {
  mode: '${mode}',
  entry: { page: './page.js', worker: './worker.js' },
  output: { path: import.meta.dirname + '/${mode}' },
};
`;
const copyPages = (folder) =>
  `cp index.html worker.html ${folder}/ && sed -i 's/type="module"/defer/' ${folder}/*.html`;
const webpack =
  (mode) =>
  async ({ run, site }) => {
    await run(`npx webpack -c ${mode}.config.js && ${copyPages(mode)}`);
    return site(mode, PAGES);
  };

/** Next.js: a page, a worker and a route. */
const nextFiles = {
  'app/layout.jsx':
    'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
  ...Object.fromEntries(
    Object.entries({ page: 'check.js', worker: 'checkWorker.js' }).map(([name, file]) => [
      `app/${name}/page.jsx`,
      `'use client';
import { useEffect } from 'react';
import { check } from '../../${file}';
export default function Page() {
  useEffect(() => {
    check('/${PICTURE}').then(
      (said) => console.log('consumer: ' + said),
      (error) => console.log('failed: ' + error.stack),
    );
  }, []);
  return null;
}
`,
    ]),
  ),
  'app/page.jsx': 'export default function Page() {\n  return null;\n}\n',
  'app/api/route.js': `import { check } from '../../check.js';
export const dynamic = 'force-dynamic';
export async function GET() {
  return new Response(await check('public/${PICTURE}').catch((error) => 'failed: ' + error.stack));
}
`,
};
/** Routes of a framework with a server. */
const ROUTES = ['page', 'worker', 'api'];
const next = (name, version, flag) => ({
  name,
  packages: { next: version, react: '19.3.1', 'react-dom': '19.3.1' },
  type: null,
  sharp: true,
  public: 'public',
  files: nextFiles,
  steps: {
    dev: ({ server }) => server(`npx next dev ${flag} -p $PORT`, ROUTES),
    build: async ({ run, server }) => {
      await run(`npx next build ${flag}`);
      return server('npx next start -p $PORT', ROUTES);
    },
  },
});

const node = (name, command, more = {}) => ({
  name,
  sharp: true,
  steps: { run: ({ run }) => run(command) },
  ...more,
});

/** Builds page.js and worker.js to dist/ with a command, and visits them. */
const built =
  (command, pages = PAGES) =>
  async ({ run, site }) => {
    await run(`${command} && cp ${pages.join(' ')} dist/`);
    return site('dist', pages);
  };

/** For bundlers that do not follow `new URL(…, import.meta.url)`: the line of docs/bundlers.md. */
const COPY_FILES =
  'cp node_modules/alexnet-ts/weights/imagenet-293/*.bin.gz node_modules/alexnet-ts/dist/*Thread.js dist/';

const importMap = (imports) =>
  `<script type="importmap">${JSON.stringify({ imports })}</script><body>`;
const EMPTY = 'data:text/javascript,export default {}';
const IMPORTS = {
  'alexnet-ts': './node_modules/alexnet-ts/dist/index.js',
  '@tensorflow/tfjs-core': './node_modules/@tensorflow/tfjs-core/dist/tf-core.fesm.min.js',
  ...Object.fromEntries(
    ['cpu', 'webgl', 'wasm'].map((name) => [
      `@tensorflow/tfjs-backend-${name}`,
      `./node_modules/@tensorflow/tfjs-backend-${name}/dist/tf-backend-${name}.fesm.min.js`,
    ]),
  ),
  ...Object.fromEntries(
    ['seedrandom', 'fs', 'os', 'path', 'perf_hooks'].map((name) => [name, EMPTY]),
  ),
};

const page = (script) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>alexnet-ts</title><link rel="icon" href="data:,"><body><script type="module" src="/${script}"></script></body></html>\n`;

/** A program whose model is kept by state libraries, which wrap objects in a Proxy. */
const holders = (from, list) => `import { load } from '${from}';
import { colored, pictures } from './check.js';
async function main() {
  const model = await load();
  const said = new Set();
  for (const [, hold] of [${list}]) {
    const held = hold(model);
    const [best] = await held.classify('/${PICTURE}');
    const tuned = hold(await held.fineTune({ red: pictures([220, 20, 20]), blue: pictures([20, 20, 220]) }, { seed: 1 }));
    const [color] = await tuned.classify(colored([220, 20, 20], 9));
    said.add(best.label + ' ' + held.backend + ' ' + color.label);
  }
  console.log('consumer: ' + [...said]);
}
main().catch((error) => console.log('failed: ' + error.stack));
`;

/** Vitest in each of its pools, in files with Node's globals and with those of jsdom. */
const vitest = (name, version) => ({
  name,
  packages: { vitest: version, jsdom: '26.1.0' },
  sharp: true,
  files: Object.fromEntries(
    ['node', 'jsdom'].map((environment) => [
      `${environment}.test.js`,
      `// @vitest-environment ${environment}
import { expect, test } from 'vitest';
import { check } from './check.js';
test('${environment}', async () => expect(await check('${PICTURE}')).toBe('${EXPECTED}'), 120000);
`,
    ]),
  ),
  steps: Object.fromEntries(
    ['forks', 'threads', 'vmThreads', 'vmForks'].map((pool) => [
      pool,
      async ({ run }) => void (await run(`npx vitest run --pool ${pool} --maxWorkers 1`)),
    ]),
  ),
});

const jest = (environment) => `/** @jest-environment ${environment} */
const { check } = require('./check.cjs');
test('${environment}', async () => expect(await check('${PICTURE}')).toBe('${EXPECTED}'));
`;

/** Trains the head, and the classifier, which takes the operations of TensorFlow.js. */
const lowest = (backend, picture, trainings) => `import { check } from './check.js';
async function main() {
  const said = new Set();
  for (const train of ${JSON.stringify(trainings)})
    said.add(await check('${picture}', { backend: '${backend}' }, { train, epochs: 3 }));
  console.log('consumer: ' + [...said].join(', '));
}
main().catch((error) => console.log('failed: ' + error.stack));
`;

export const fixtures = [
  vite('vite5', '5.4.21'),
  vite('vite6', '6.4.6'),
  vite('vite7', '7.3.8'),
  vite('vite8', '8.4.0', { quick: true }),
  {
    name: 'webpack',
    quick: true,
    packages: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
    files: {
      'production.config.js': webpackConfig('production'),
      'development.config.js': webpackConfig('development'),
    },
    steps: { production: webpack('production'), development: webpack('development') },
  },
  next('next-turbopack', '16.4.6', ''),
  next('next-webpack', '16.4.6', '--webpack'),
  node('node-esm', 'node node.js', { quick: true }),
  node('node-cjs', 'node node.cjs', { quick: true }),
  {
    name: 'node-bundled',
    quick: true,
    sharp: true,
    packages: { esbuild: '0.28.2' },
    steps: Object.fromEntries(
      Object.entries({
        'one file, CommonJS': '--format=cjs --outfile=cjs/node.cjs --external:sharp',
        'one file, ES module, @tensorflow external':
          '--format=esm --outfile=esm/node.mjs --external:sharp --external:@tensorflow/*',
        'packages external': '--format=esm --outfile=external/node.mjs --packages=external',
      }).map(([what, flags]) => [
        what,
        async ({ run }) => {
          await run(`npx esbuild node.js --bundle --platform=node --log-level=error ${flags}`);
          return run(`node ${/--outfile=(\S+)/.exec(flags)[1]}`);
        },
      ]),
    ),
  },
  {
    name: 'vue',
    packages: { vite: '7.3.8', vue: '3.5.45', mobx: '7.1.3', immer: '11.2.13' },
    public: 'public',
    files: {
      'index.html': page('vue.js'),
      'vue.js': `import { reactive, ref } from 'vue/dist/vue.runtime.esm-bundler.js';
import { observable } from 'mobx';
import { produce } from 'immer';
${holders('alexnet-ts', "['ref', (model) => ref(model).value], ['reactive', (model) => reactive({ model }).model], ['mobx', (model) => observable({ model }).model], ['immer', (model) => produce({ model: null }, (draft) => void (draft.model = model)).model]")}`,
      'worker.html': page('vueWorker.js'),
      'vueWorker.js': `import { reactive, ref } from 'vue/dist/vue.runtime.esm-bundler.js';
${holders('alexnet-ts/worker', "['ref', (model) => ref(model).value], ['reactive', (model) => reactive({ model }).model]")}`,
      'vite.config.js':
        "export default { build: { rollupOptions: { input: ['index.html', 'worker.html'] } } };\n",
    },
    steps: {
      build: async ({ run, visit, serve }) => {
        await run('npx vite build');
        const server = await serve({ folder: 'dist' });
        const said = [];
        for (const file of PAGES) said.push(await visit(`${server.address}/${file}`));
        await server.close();
        const wrong = said.find((text) => text !== `consumer: ${EXPECTED}`);
        return wrong;
      },
    },
  },
  {
    name: 'react-strict',
    packages: { vite: '8.4.0', react: '19.3.1', 'react-dom': '19.3.1' },
    public: 'public',
    files: {
      'index.html': page('strict.js'),
      'strict.js': `import { StrictMode, createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { check } from './check.js';
let effects = 0;
const results = [];
function App() {
  useEffect(() => {
    if (++effects > 2) return;
    check('/${PICTURE}').then((said) => {
      results.push(said);
      if (results.length === 2) console.log('consumer: ' + (results[0] === results[1] ? said : results));
    }, (error) => console.log('failed: ' + error.stack));
  }, []);
  return null;
}
createRoot(document.body.appendChild(document.createElement('div'))).render(createElement(StrictMode, null, createElement(App)));
`,
    },
    steps: { dev: ({ server }) => server('npx vite --port $PORT --strictPort', ['index.html']) },
  },
  {
    name: 'jest',
    quick: true,
    packages: { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' },
    type: null,
    sharp: true,
    files: {
      ...Object.fromEntries(
        ['node', 'jsdom'].flatMap((environment) => [
          [`${environment}.test.cjs`, jest(environment)],
          [
            `${environment}.test.mjs`,
            jest(environment).replace(
              "const { check } = require('./check.cjs');",
              "import { check } from './check.mjs';",
            ),
          ],
        ]),
      ),
      'check.mjs': readFileSync(new URL('check.js', import.meta.url), 'utf8'),
      'jest.config.cjs':
        "module.exports = { testMatch: ['**/*.test.?js'], testTimeout: 120000, transform: {} };\n",
      // Else Jest gives files with jsdom the package's build for browsers.
      'esm.config.cjs':
        "module.exports = { ...require('./jest.config.cjs'), testEnvironmentOptions: { customExportConditions: ['node'] } };\n",
    },
    steps: {
      CommonJS: async ({ run }) => void (await run('npx jest -c jest.config.cjs --runInBand cjs')),
      'ES modules': async ({ run }) =>
        void (await run(
          'NODE_OPTIONS=--experimental-vm-modules npx jest -c esm.config.cjs --runInBand mjs',
        )),
    },
  },
  vitest('vitest3', '3.2.4'),
  vitest('vitest4', '4.1.12'),
  {
    name: 'pwa',
    packages: { vite: '7.3.8', 'workbox-build': '7.4.1' },
    public: 'public',
    files: {
      'page.js': `${readFileSync(new URL('pwaPage.js', import.meta.url), 'utf8')}`,
      'build.mjs': `import { generateSW } from 'workbox-build';
await generateSW({ globDirectory: 'dist', globPatterns: ['**/*.{js,css,html,jpg}'], swDest: 'dist/sw.js', clientsClaim: true, skipWaiting: true, maximumFileSizeToCacheInBytes: 5e6, inlineWorkboxRuntime: true });
`,
    },
    steps: {
      offline: async ({ run, serve, launch, said, folder }) => {
        await run('npx vite build && node build.mjs');
        const server = await serve({ folder: 'dist' });
        const context = await launch(`${folder}/profile-${Date.now()}`);
        try {
          const page = await context.newPage();
          const online = await said(page, () => page.goto(`${server.address}/index.html`));
          if (online !== `consumer: ${EXPECTED}`) return `online: ${online}`;
          await page.evaluate('navigator.serviceWorker.ready');
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await server.close();
          const again = await context.newPage();
          const offline = await said(again, () => again.goto(`${server.address}/index.html`));
          return offline === `consumer: ${EXPECTED}` ? undefined : `offline: ${offline}`;
        } finally {
          await context.close();
        }
      },
    },
  },
  {
    name: 'extension',
    packages: { vite: '7.3.8' },
    public: 'public',
    files: {
      'public/manifest.json': JSON.stringify({
        manifest_version: 3,
        name: 'alexnet-ts',
        version: '1.0',
        action: { default_popup: 'index.html' },
        background: { service_worker: 'background.js', type: 'module' },
        content_security_policy: {
          extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
        },
      }),
      'background.js': `import { check } from './check.js';\nglobalThis.answer = check('/${PICTURE}').catch((error) => 'failed: ' + error.stack);\n`,
      'vite.config.js':
        "export default { build: { modulePreload: false, rollupOptions: { input: ['index.html', 'worker.html'] } } };\n",
      'background.config.js': `export default { publicDir: false, build: { emptyOutDir: false, modulePreload: false, rollupOptions: { input: 'background.js', output: { inlineDynamicImports: true, entryFileNames: 'background.js' } } } };\n`,
    },
    steps: {
      'popup, its worker, background': async ({ run, launch, said, folder }) => {
        await run('npx vite build && npx vite build -c background.config.js');
        const context = await launch(`${folder}/profile-${Date.now()}`, {
          more: [
            '--headless=new',
            `--load-extension=${folder}/dist`,
            `--disable-extensions-except=${folder}/dist`,
          ],
          without: ['--headless'],
        });
        try {
          const background =
            context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
          const answers = [await background.evaluate('globalThis.answer')];
          for (const file of PAGES) {
            const page = await context.newPage();
            const address = new URL(file, background.url()).href;
            answers.push((await said(page, () => page.goto(address))).replace('consumer: ', ''));
          }
          return answers.every((answer) => answer === EXPECTED) ? undefined : answers.join('\n');
        } finally {
          await context.close();
        }
      },
    },
  },
  {
    name: 'angular',
    packages: {
      ...Object.fromEntries(
        ['common', 'compiler', 'core', 'platform-browser'].map((name) => [
          `@angular/${name}`,
          '21.2.26',
        ]),
      ),
      '@angular/build': '21.2.27',
      '@angular/cli': '21.2.27',
      '@angular/compiler-cli': '21.2.26',
      rxjs: '7.8.2',
      tslib: '2.9.1',
      typescript: '5.9.3',
    },
    public: 'public',
    files: {
      'angular.json': JSON.stringify({
        version: 1,
        cli: { analytics: false },
        projects: Object.fromEntries(
          ['page', 'worker'].map((name) => [
            name,
            {
              projectType: 'application',
              root: '',
              sourceRoot: 'src',
              architect: {
                build: {
                  builder: '@angular/build:application',
                  options: {
                    browser: `src/${name}.ts`,
                    index: 'src/index.html',
                    outputPath: `dist/${name}`,
                    tsConfig: 'tsconfig.json',
                    // The lines that docs/bundlers.md gives.
                    assets: [
                      { glob: '**/*', input: 'public' },
                      {
                        glob: '*.bin.gz',
                        input: 'node_modules/alexnet-ts/weights/imagenet-293',
                        output: '/',
                      },
                      { glob: '*Thread.js', input: 'node_modules/alexnet-ts/dist', output: '/' },
                    ],
                  },
                },
                serve: {
                  builder: '@angular/build:dev-server',
                  options: { buildTarget: `${name}:build` },
                },
              },
            },
          ]),
        ),
      }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          strict: true,
          skipLibCheck: true,
          target: 'es2022',
          module: 'preserve',
          moduleResolution: 'bundler',
          allowJs: true,
        },
        files: ['src/page.ts', 'src/worker.ts'],
      }),
      'src/index.html':
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>alexnet-ts</title><base href="/"><link rel="icon" href="data:,"></head><body><app-root></app-root></body></html>\n',
      ...Object.fromEntries(
        Object.entries({ page: 'check', worker: 'checkWorker' }).map(([name, file]) => [
          `src/${name}.ts`,
          `import { Component, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
// @ts-ignore
import { check } from '../${file}.js';
@Component({ selector: 'app-root', template: '{{ said }}' })
class App {
  said = '';
  async ngOnInit() {
    const threads = new URLSearchParams(location.search).get('threads');
    try {
      this.said = await check('/${PICTURE}', threads ? { threads: Number(threads), backend: 'wasm' } : {});
      console.log('consumer: ' + this.said);
    } catch (error: any) {
      console.log('failed: ' + error.stack);
    }
  }
}
bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
`,
        ]),
      ),
    },
    steps: Object.fromEntries(
      ['page', 'worker'].flatMap((name) => [
        [
          `build, ${name}`,
          async ({ run, site }) => {
            await run(`npx ng build ${name}`);
            return site(`dist/${name}/browser`, ['index.html']);
          },
        ],
        [`serve, ${name}`, ({ server }) => server(`npx ng serve ${name} --port $PORT`, [''])],
      ]),
    ),
  },
  {
    name: 'tfjs-lowest',
    packages: {
      vite: '7.3.8',
      ...Object.fromEntries(
        Object.entries(peerDependencies)
          .filter(([name]) => name.startsWith('@tensorflow/'))
          .map(([name, range]) => [name, range.replace('^', '')]),
      ),
    },
    sharp: true,
    public: 'public',
    files: {
      'lowest.js': lowest('wasm', `public/${PICTURE}`, ['head', 'classifier']),
      'webgl.js': lowest('webgl', `/${PICTURE}`, ['head']),
      'index.html': page('webgl.js'),
    },
    steps: {
      'node, WASM': ({ run }) => run('node lowest.js'),
      'page, WebGL': async ({ run, visit, serve }) => {
        await run('npx vite build');
        const server = await serve({ folder: 'dist' });
        const said = await visit(`${server.address}/index.html`);
        await server.close();
        return { said, wanted: `${LABEL} webgl red` };
      },
    },
  },
  {
    name: 'sveltekit',
    packages: {
      '@sveltejs/adapter-node': '5.5.7',
      '@sveltejs/kit': '2.70.4',
      '@sveltejs/vite-plugin-svelte': '6.2.3',
      svelte: '5.57.3',
      vite: '7.3.8',
    },
    sharp: true,
    public: 'static',
    files: {
      'svelte.config.js':
        "import adapter from '@sveltejs/adapter-node';\nexport default { kit: { adapter: adapter() } };\n",
      'vite.config.js':
        "import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };\n",
      'src/app.html':
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n',
      ...Object.fromEntries(
        Object.entries({ page: 'check', worker: 'checkWorker' }).map(([name, file]) => [
          `src/routes/${name}/+page.svelte`,
          `<script>
  import { onMount } from 'svelte';
  import { check } from '../../../${file}.js';
  onMount(() => {
    check('/${PICTURE}').then(
      (said) => console.log('consumer: ' + said),
      (error) => console.log('failed: ' + error.stack),
    );
  });
</script>
`,
        ]),
      ),
      'src/routes/api/+server.js': `import { check } from '../../../check.js';
export async function GET() {
  return new Response(await check('static/${PICTURE}').catch((error) => 'failed: ' + error.stack));
}
`,
    },
    steps: {
      dev: ({ server }) => server('npx vite dev --port $PORT --strictPort', ROUTES),
      build: async ({ run, server }) => {
        await run('npx vite build');
        return server('node build', ROUTES);
      },
    },
  },
  {
    name: 'nuxt',
    packages: { nuxt: '4.4.2' }, // the last version for Node 20
    sharp: true,
    public: 'public',
    files: {
      'nuxt.config.js': 'export default { telemetry: false };\n',
      ...Object.fromEntries(
        Object.entries({ page: 'check', worker: 'checkWorker' }).map(([name, file]) => [
          `app/pages/${name}.vue`,
          `<script setup>
import { check } from '~~/${file}.js';
onMounted(() => {
  check('/${PICTURE}').then(
    (said) => console.log('consumer: ' + said),
    (error) => console.log('failed: ' + error.stack),
  );
});
</script>
<template><div /></template>
`,
        ]),
      ),
      'server/routes/api.js': `import { check } from '~~/check.js';
export default defineEventHandler(() =>
  check('public/${PICTURE}').catch((error) => 'failed: ' + error.stack),
);
`,
    },
    steps: {
      dev: ({ server }) => server('npx nuxt dev --port $PORT', ROUTES),
      build: async ({ run, server }) => {
        await run('npx nuxt build');
        return server('node .output/server/index.mjs', ROUTES);
      },
    },
  },
  {
    name: 'electron-like',
    packages: { vite: '7.3.8' },
    public: 'public',
    files: {
      'vite.config.js':
        "export default { base: './', build: { rollupOptions: { input: ['index.html', 'worker.html'] } } };\n",
    },
    steps: {
      'nodeIntegration, own protocol': async ({ run, serve, launch, said, folder }) => {
        await run('npx vite build');
        const server = await serve({ folder: 'dist' });
        // A secure origin of its own, as with `protocol.handle('app', …)`. Playwright's routes would
        // not reach the worker that a worker starts.
        const origin = 'http://app.example';
        const context = await launch(`${folder}/profile-${Date.now()}`, {
          more: [
            '--headless=new',
            `--host-resolver-rules=MAP app.example ${new URL(server.address).host}`,
            `--unsafely-treat-insecure-origin-as-secure=${origin}`,
          ],
          without: ['--headless'],
        });
        try {
          await context.addInitScript({ path: `${here}electronGlobals.js` });
          const answers = [];
          for (const file of PAGES) {
            const page = await context.newPage();
            answers.push(await said(page, () => page.goto(`${origin}/${file}`)));
          }
          return answers.find((answer) => answer !== `consumer: ${EXPECTED}`);
        } finally {
          await context.close();
          await server.close();
        }
      },
    },
  },
  {
    name: 'bun-bundled',
    packages: { bun: '1.4.5' },
    sharp: true,
    steps: {
      'for Bun': async ({ run }) => {
        await run('npx bun build node.js --target bun --external sharp --outfile out/node.js');
        return run('npx bun out/node.js');
      },
      'for browsers': built(
        `npx bun build page.js worker.js --target browser --splitting --outdir dist && ${COPY_FILES}`,
      ),
    },
  },
  node('bun', 'npx bun node.js', { packages: { bun: '1.4.5' } }),
  node('deno', 'npx deno run -A node.js', { packages: { deno: '2.9.6' } }),
  {
    name: 'yarn-pnp',
    packages: { vite: '7.3.8' },
    sharp: true,
    public: 'public',
    install:
      'YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_IMMUTABLE_INSTALLS=false npx -y @yarnpkg/cli-dist@4.18.1 install',
    files: {
      'yarn.lock': '',
      'vite.config.js':
        "export default { build: { rollupOptions: { input: ['index.html', 'worker.html'] } } };\n",
    },
    steps: {
      node: ({ run }) =>
        run(`cp public/${PICTURE} . && npx -y @yarnpkg/cli-dist@4.18.1 node node.js`),
      dev: ({ server }) =>
        server('npx -y @yarnpkg/cli-dist@4.18.1 vite --port $PORT --strictPort', PAGES),
      build: async ({ run, site }) => {
        await run('npx -y @yarnpkg/cli-dist@4.18.1 vite build');
        return site('dist', PAGES);
      },
    },
  },
  vite('pnpm', '7.3.8', {
    files: { 'pnpm-workspace.yaml': 'strictDepBuilds: false # of esbuild\n' },
    install: 'npx -y pnpm@12.21.0 install --no-frozen-lockfile --prefer-offline',
  }),
  {
    name: 'esbuild',
    packages: { esbuild: '0.28.2', '@chialab/esbuild-plugin-meta-url': '0.19.2' },
    files: {
      'build.js': `import metaUrl from '@chialab/esbuild-plugin-meta-url';
import { build } from 'esbuild';
await build({ entryPoints: ['page.js', 'worker.js'], bundle: true, splitting: true, format: 'esm', outdir: 'dist', plugins: [metaUrl()] });
`,
    },
    steps: { build: built('node build.js') },
  },
  {
    name: 'rollup',
    packages: {
      rollup: '4.68.8',
      '@rollup/plugin-commonjs': '29.0.3',
      '@rollup/plugin-node-resolve': '16.0.3',
      '@web/rollup-plugin-import-meta-assets': '2.3.3',
    },
    files: {
      'rollup.config.js': `import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';
export default { input: ['page.js'], output: { dir: 'dist' }, plugins: [nodeResolve({ browser: true }), commonjs(), importMetaAssets()] };
`,
    },
    steps: { build: built('npx rollup -c', ['index.html']) },
  },
  {
    name: 'parcel',
    packages: { parcel: '2.16.4', buffer: '6.0.3', process: '0.11.10' },
    steps: {
      build: async ({ run, site }) => {
        await run('npx parcel build index.html --no-cache --no-source-maps');
        return site('dist', ['index.html']);
      },
    },
  },
  {
    name: 'import-map',
    quick: true,
    files: { 'index.html': page('page.js').replace('<body>', importMap(IMPORTS)) },
    steps: { page: ({ site }) => site('.', ['index.html']) },
  },
  {
    name: 'module',
    quick: true,
    files: {
      'worker.html': page('worker.js').replace(
        '<body>',
        importMap({ 'alexnet-ts/worker': './node_modules/alexnet-ts/dist/worker.js' }),
      ),
    },
    steps: { worker: ({ site }) => site('.', ['worker.html']) },
  },
  {
    name: 'script',
    quick: true,
    files: {
      'check-script.js': readFileSync(new URL('check.js', import.meta.url), 'utf8')
        .replace("import { load } from 'alexnet-ts';", 'const { load } = alexnet;')
        .replaceAll('export ', ''),
      'script.js': `const threads = new URLSearchParams(location.search).get('threads');
check('/${PICTURE}', threads ? { threads: Number(threads), backend: 'wasm' } : {}).then((said) => console.log('consumer: ' + said), (error) => console.log('failed: ' + error.stack));
`,
      'script.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>alexnet-ts</title><link rel="icon" href="data:,">${[
        'node_modules/seedrandom/seedrandom.min.js',
        'node_modules/@tensorflow/tfjs-core/dist/tf-core.min.js',
        ...['cpu', 'webgl', 'wasm'].map(
          (name) => `node_modules/@tensorflow/tfjs-backend-${name}/dist/tf-backend-${name}.min.js`,
        ),
        'node_modules/alexnet-ts/dist/alexnet.umd.js',
        'check-script.js',
        'script.js',
      ]
        .map((src) => `<script src="./${src}"></script>`)
        .join('')}</html>\n`,
    },
    steps: { page: ({ site }) => site('.', ['script.html']) },
  },
  node('vite-ssr', 'npx vite build --ssr node.js >/dev/null && node dist/node.js', {
    packages: { vite: '8.4.0' },
  }),
  ...['bundler', 'nodenext'].map((resolution) => ({
    name: `typescript-${resolution}`,
    packages: { typescript: '5.9.3' },
    sharp: true,
    files: {
      'program.ts': `import { alexnet, load, type Model, type TunedModel } from 'alexnet-ts';
import { load as start } from 'alexnet-ts/worker';
import set from 'alexnet-ts/weights/imagenet-293';
const model: Model = await load({ weights: set });
const other: alexnet.Model = model;
export const tuned = (one: TunedModel<'a'>): Promise<unknown> => one.evaluate({ a: [] });
export { start };
console.log((await other.classify('${PICTURE}'))[0]?.label, other.backend, 'red');
`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
          module: resolution === 'bundler' ? 'esnext' : 'nodenext',
          moduleResolution: resolution,
          strict: true,
          skipLibCheck: false,
          types: [],
          outDir: 'dist',
        },
        files: ['program.ts'],
      }),
    },
    steps: { run: ({ run }) => run('npx tsc -p . && node dist/program.js') },
  })),
  {
    name: 'publint',
    packages: { publint: '0.3.12' },
    steps: {
      run: async ({ run }) => ({
        said: await run('npx publint node_modules/alexnet-ts --strict'),
        wanted: 'All good!',
      }),
    },
  },
  {
    name: 'attw',
    packages: { '@arethetypeswrong/cli': '0.18.2' },
    more: { overrides: { fflate: '0.8.2' } }, // it cannot read a tarball with fflate 0.8.3
    steps: {
      run: async ({ run }) => ({
        said: await run('npx attw alexnet-ts.tgz --format table-flipped --no-color --no-emoji'),
        wanted: 'No problems found',
      }),
    },
  },
];
