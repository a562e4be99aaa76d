/**
 * `npm run test:consumers`: installs the packed tarball in a project for each fixture, builds it,
 * and runs its program.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from '../support/browser.mjs';
import { serve } from '../support/serve.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const json = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));
const fixtures = readdirSync(here).filter((name) => existsSync(join(here, name, 'package.json')));

/** A command or a page that takes longer than this is stuck, in ms. */
const PATIENCE = 120_000;
const PICTURE = 'orange.jpg';
const expected = `top-1: ${json(root, 'examples/images/expected.json')[PICTURE].label}`;

const usage = `Usage: npm run test:consumers -- [words]

Installs what npm would publish, as the last build left it, in a new project for each of these, builds and runs it:
  ${fixtures.join(' ')}
Words keep those whose name contains one of them: npm run test:consumers -- vite
`;

process.exitCode = await main();

async function main() {
  const { values, positionals: words } = parseArgs({
    options: { help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const chosen = fixtures.filter(
    (name) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (values.help || chosen.length === 0) {
    process.stdout.write(usage);
    return values.help ? 0 : 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-ts-consumers-'));
  const failed = [];
  try {
    const [{ filename }] = JSON.parse(
      await run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder),
    );
    for (const name of chosen) {
      const start = performance.now();
      const problem = await consume(name, join(folder, name), join(folder, filename)).then(
        () => '',
        String,
      );
      if (problem) failed.push(name);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      process.stdout.write(
        `${name.padEnd(20)}${problem ? 'failed' : 'passed'}${seconds.padStart(7)} s\n${problem && `${problem}\n`}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    `\nconsumers: ${chosen.length - failed.length} passed, ${failed.length} failed\n`,
  );
  return failed.length ? 1 : 0;
}

async function consume(name, folder, tarball) {
  const program = readFileSync(join(here, 'program.js'), 'utf8');
  const { scripts = {}, consumer } = json(here, name, 'package.json');
  cpSync(join(here, name), folder, { recursive: true });
  // A fixture's own page or program comes before the shared one.
  const shared = { 'index.html': readFileSync(join(here, 'index.html'), 'utf8') };
  shared['program.js'] = consumer?.import
    ? program.replace("'alexnet-ts'", `'${consumer.import}'`)
    : program;
  for (const [file, text] of Object.entries(shared))
    if (!existsSync(join(folder, file))) writeFileSync(join(folder, file), text);
  cpSync(join(root, 'examples/images', PICTURE), join(folder, PICTURE));
  cpSync(tarball, join(folder, 'alexnet-ts.tgz')); // for what looks at the package itself

  const { peerDependencies } = json(root, 'package.json');
  const peers = Object.entries(peerDependencies).filter(
    ([peer]) => peer !== 'sharp' || scripts.start,
  );
  const packages = [tarball, ...peers.map(([peer, range]) => `${peer}@${range}`)];
  await run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
  if (scripts.build) await run(folder, 'npm', 'run', 'build');
  const said = scripts.start
    ? await run(folder, 'npm', 'start', '--silent')
    : await visit(folder, scripts.build ? 'dist' : '.');
  const right = consumer?.prints ? said.includes(consumer.prints) : said.trim() === expected;
  if (!right) throw new Error(`"${consumer?.prints ?? expected}" was expected, got: ${said}`);
}

/** What the program says in the browser, from a server that sends no special headers. */
async function visit(folder, site) {
  const files = Object.fromEntries(
    [PICTURE, 'index.html'].map((file) => [`/${file}`, readFileSync(join(folder, file))]),
  );
  if (existsSync(join(folder, site, 'index.html'))) delete files['/index.html'];
  const server = await serve({ files, folder: join(folder, site) });
  const { path, args, env } = findBrowser();
  const browser = await chromium.launch({
    executablePath: path,
    args,
    env: { ...process.env, ...env },
  });
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on(
      'console',
      (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()),
    );
    page.on('pageerror', (error) => problems.push(error.message));
    const said = page.waitForEvent('console', {
      predicate: (message) => /^(top-1|failed):/.test(message.text()),
      timeout: PATIENCE,
    });
    const [message] = await Promise.all([said, page.goto(`${server.address}/index.html`)]).catch(
      (error) => {
        throw new Error([error.message, ...problems].join('\n'));
      },
    );
    return [message.text(), ...problems].join('\n');
  } finally {
    await browser.close();
    await server.close();
  }
}

/** What a command prints. */
async function run(cwd, program, ...args) {
  try {
    return (await promisify(execFile)(program, args, { cwd, timeout: PATIENCE, maxBuffer: 1e8 }))
      .stdout;
  } catch (error) {
    throw new Error([error.message, error.stdout, error.stderr].join('\n'), { cause: error });
  }
}
