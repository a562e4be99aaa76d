/**
 * `npm run test:consumers`: installs the packed tarball in a project for each fixture, as a user
 * would, builds and runs it, and compares the label, the backend and a fine-tuned head.
 */
import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from '../support/browser.mjs';
import { serve } from '../support/serve.mjs';
import { EXPECTED, fixtures, manifest, MODEL, PICTURE } from './fixtures.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A command or a page that takes longer than this is stuck, in ms. */
const PATIENCE = 300_000;

const usage = `Usage: npm run test:consumers -- [--quick] [--only <name>]... [--tarball <file>] [--folder <path>] [words]

Installs what npm would publish, as the last build left it, in a new project for each of these, builds and runs it:
  ${fixtures.map(({ name, quick }) => (quick ? `${name}*` : name)).join(' ')}
  --quick    only those with a *, which continuous integration runs
  --only     a name, exactly; words keep those whose name contains one of them
  --tarball  tests this one instead of packing the build
  --folder   keeps the projects there, and installs what they need only once
`;

process.exitCode = await main();

async function main() {
  const { values, positionals: words } = parseArgs({
    options: {
      help: { type: 'boolean' },
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      tarball: { type: 'string' },
      folder: { type: 'string' },
    },
    allowPositionals: true,
  });
  const chosen = fixtures.filter(
    ({ name, quick }) =>
      (!values.quick || quick) &&
      (!values.only || values.only.includes(name)) &&
      (words.length === 0 || words.some((word) => name.includes(word))),
  );
  if (values.help || chosen.length === 0) {
    process.stdout.write(usage);
    return values.help ? 0 : 1;
  }
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'alexnet-ts-consumers-'));
  const failed = [];
  try {
    const tarball = values.tarball ?? (await pack(folder));
    for (const fixture of chosen) {
      const start = performance.now();
      const problem = await consume(fixture, join(folder, fixture.name), tarball).then(
        () => '',
        String,
      );
      if (problem) failed.push(fixture.name);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      process.stdout.write(
        `${fixture.name.padEnd(22)}${problem ? 'failed' : 'passed'}${seconds.padStart(7)} s\n${problem && `${problem}\n`}`,
      );
    }
  } finally {
    if (!values.folder) rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    `\nconsumers: ${chosen.length - failed.length} passed, ${failed.length} failed\n`,
  );
  return failed.length ? 1 : 0;
}

async function pack(folder) {
  const packed = await run(
    root,
    `npm pack --ignore-scripts --json --pack-destination ${JSON.stringify(folder)}`,
  );
  return join(folder, JSON.parse(packed)[0].filename);
}

async function consume(fixture, folder, tarball) {
  mkdirSync(folder, { recursive: true });
  for (const template of fixture.templates ?? [])
    cpSync(join(here, template), folder, { recursive: true });
  write(folder, shared(fixture));
  write(folder, fixture.files ?? {});
  for (const [path, bytes] of Object.entries(served()))
    write(folder, { [join(fixture.public ?? '', path)]: bytes });
  cpSync(tarball, join(folder, 'alexnet-ts.tgz'));

  const installed = existsSync(join(folder, 'installed'));
  if (!installed) {
    write(folder, { 'package.json': JSON.stringify(manifest(fixture), null, 2) });
    await run(folder, fixture.install ?? 'npm install --prefer-offline --no-audit --no-fund');
    writeFileSync(join(folder, 'installed'), '');
  } else if (!fixture.install) {
    const target = join(folder, 'node_modules/alexnet-ts');
    rmSync(target, { recursive: true, force: true });
    for (const cache of ['.vite', '.cache'])
      rmSync(join(folder, 'node_modules', cache), { recursive: true, force: true });
    mkdirSync(target);
    await run(folder, 'tar -xzf alexnet-ts.tgz --strip-components=1 -C node_modules/alexnet-ts');
  } else await run(folder, fixture.install);

  const problems = [];
  for (const [what, step] of Object.entries(fixture.steps)) {
    const said = await step({ run: (command) => run(folder, command), ...tools(fixture, folder) });
    const wanted = typeof said === 'object' ? said.wanted : EXPECTED;
    const got = typeof said === 'object' ? said.said : said;
    if (got === undefined) continue;
    if (!got.split('\n').some((line) => line.trim() === wanted || line.includes(`: ${wanted}`)))
      problems.push(`  ${what}: "${wanted}" was expected, got: ${got}`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** The files that programs fetch, by path. */
function served() {
  return {
    [`/${PICTURE}`]: readFileSync(join(root, 'examples/images', PICTURE)),
    [`/${MODEL}`]: readFileSync(join(root, 'test/fixtures/converters', MODEL)),
  };
}

/** The program, in the forms that fixtures need. */
function shared({ base = '' }) {
  const check = readFileSync(join(here, 'check.js'), 'utf8');
  const page = (from, after = '') =>
    `import { check${after && ', convert'} } from './${from}';\n` +
    `const threads = new URLSearchParams(location.search).get('threads');\n` +
    `check('/${PICTURE}', threads ? { threads: Number(threads), backend: 'wasm' } : {})${after}\n` +
    `  .then((said) => console.log('consumer: ' + said), (error) => console.log('failed: ' + error.stack));\n`;
  const html = (script) =>
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>alexnet-ts</title><link rel="icon" href="data:,"><body><script type="module" src="./${script}"></script></body></html>\n`;
  const files = {
    'check.js': check,
    'checkWorker.js': check.replace("'alexnet-ts'", "'alexnet-ts/worker'"),
    'page.js': page('check.js'),
    'worker.js': page('checkWorker.js', `.then((said) => convert('/${MODEL}').then(() => said))`),
    'index.html': html('page.js'),
    'worker.html': html('worker.js'),
    'node.js': `import { check } from './check.js';\ncheck('${PICTURE}').then((said) => console.log(said), (error) => console.log('failed: ' + error.stack));\n`,
    'check.cjs': `${check
      .replace("import { load } from 'alexnet-ts';", "const { load } = require('alexnet-ts');")

      .replaceAll('export ', '')}exports.check = check;\n`,
    'node.cjs': `require('./check.cjs').check('${PICTURE}').then((said) => console.log(said), (error) => console.log('failed: ' + error.stack));\n`,
  };
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [join(base, file), text]));
}

function write(folder, files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

/** What the steps of a fixture call. */
function tools(fixture, folder) {
  return {
    folder,
    /** Visits pages of a built site, from a server without and with the headers for threads. */
    async site(path, pages = ['index.html', 'worker.html']) {
      const files = served();
      for (const isolated of [false, true]) {
        const server = await serve({ files, folder: join(folder, path), isolated });
        try {
          for (const page of pages) {
            const query = isolated ? '?threads=2' : '';
            const wanted = isolated ? `${EXPECTED} 2 threads` : EXPECTED;
            const said = await visit(`${server.address}/${page}${query}`);
            if (said !== `consumer: ${wanted}`) return { wanted, said: `${page}${query}: ${said}` };
          }
        } finally {
          await server.close();
        }
      }
      return undefined;
    },
    /** Visits pages of a server, which `command` starts on $PORT. */
    async server(command, pages = ['index.html', 'worker.html']) {
      const port = await freePort();
      const child = spawn('sh', ['-c', command], {
        cwd: folder,
        env: { ...process.env, PORT: String(port), NUXT_TELEMETRY_DISABLED: '1' },
        detached: true,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => (output += text));
      try {
        await answers(`http://localhost:${port}/`, child);
        for (const page of pages) {
          const address = `http://localhost:${port}/${page}`;
          const said = page.startsWith('api')
            ? await (await fetch(address)).text()
            : await visit(address);
          if (said.replace('consumer: ', '') !== EXPECTED)
            return `${page}: ${said}\n${output.slice(-3000)}`;
        }
      } catch (error) {
        return `${error.message}\n${output.slice(-3000)}`;
      } finally {
        process.kill(-child.pid, 'SIGKILL');
      }
      return undefined;
    },
    visit,
    serve: (options) =>
      serve({
        files: served(),
        ...options,
        folder: join(folder, options.folder),
      }),
    launch,
    said,
    expected: EXPECTED,
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(address, child) {
  const end = Date.now() + PATIENCE / 2;
  while (child.exitCode === null && Date.now() < end) {
    if (await fetch(address).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`no answer from ${address}`);
}

async function launch(folder, more = {}) {
  const { path, args, env } = findBrowser();
  const { more: added = [], without = [] } = more;
  const options = {
    executablePath: path,
    args: [...args.filter((arg) => !without.includes(arg)), ...added],
    env: { ...process.env, ...env },
    ...(added.length > 0 && { headless: false }),
  };
  return folder ? chromium.launchPersistentContext(folder, options) : chromium.launch(options);
}

/** What the program says in the browser. */
async function visit(address) {
  const browser = await launch();
  try {
    return await said(await browser.newPage(), (page) =>
      page.goto(address, { waitUntil: 'commit', timeout: 120_000 }),
    );
  } finally {
    await browser.close();
  }
}

/** What a page's program says after `act`. Dev servers may reload the page meanwhile. */
async function said(page, act) {
  const problems = [];
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()),
  );
  page.on('pageerror', (error) => problems.push(error.stack));
  const spoken = page.waitForEvent('console', {
    predicate: (message) => /^(consumer|failed):/.test(message.text()),
    timeout: 120_000,
  });
  try {
    const [message] = await Promise.all([spoken, act(page)]);
    const warned = problems.filter((text) => /alexnet/.test(text));
    return [message.text(), ...(message.text().startsWith('failed') ? problems : warned)].join(
      '\n',
    );
  } catch (error) {
    return [error.message, ...problems].join('\n');
  }
}

/** What a command prints. */
async function run(cwd, command) {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    CI: '1',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  };
  try {
    const options = { cwd, timeout: PATIENCE, maxBuffer: 1e8, env };
    return (await promisify(execFile)('sh', ['-c', command], options)).stdout;
  } catch (error) {
    throw new Error(
      [error.message.slice(0, 300), error.stdout, error.stderr].join('\n').slice(-6000),
      { cause: error },
    );
  }
}
