/** Two versions of the gallery on one host: a deploy under way, a missing script, open pages. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/launchBrowser.mjs';
import { serveGallery } from '../serve.mjs';

const BUILT = fileURLToPath(new URL('../../dist/gallery/', import.meta.url));
const hash = (bytes: string | Buffer, encoding: 'hex' | 'base64') =>
  createHash('sha256').update(bytes).digest(encoding);

/** What became of a new version. */
interface Answer {
  state: string;
  waiting: boolean;
}

let folder: string;
let browser: Browser;
let server: Awaited<ReturnType<typeof serveGallery>>;
/** The names of the chunk that every page loads, by version. */
const chunk = { A: '', B: '' };

/** Makes version B of a build: another name of a chunk, and other pages that load it. */
async function makeVersionB(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  let worker = await readFile(join(to, 'serviceWorker.js'), 'utf8');
  chunk.A = (await readdir(join(to, 'assets'))).find((name) => /^page-.*\.js$/.test(name))!;
  chunk.B = chunk.A.replace(/^page-/, 'page-B');
  await rename(join(to, 'assets', chunk.A), join(to, 'assets', chunk.B));
  for (const name of await readdir(to, { recursive: true })) {
    if (!name.endsWith('.html')) continue;
    const text = await readFile(join(to, name), 'utf8');
    const changed = text
      .replaceAll(chunk.A, chunk.B)
      .replace('</head>', '<meta name="version" content="B" /></head>');
    await writeFile(join(to, name), changed);
    for (const encoding of ['hex', 'base64'] as const)
      worker = worker.replaceAll(hash(text, encoding), hash(changed, encoding));
  }
  await writeFile(join(to, 'serviceWorker.js'), worker.replaceAll(chunk.A, chunk.B));
}

/** Replaces what the host serves. */
async function deploy(version: 'A' | 'B'): Promise<void> {
  await rm(join(folder, 'site'), { recursive: true, force: true });
  await cp(join(folder, version), join(folder, 'site'), { recursive: true });
}
const serveFrom = (version: 'A' | 'B', file: string) =>
  cp(join(folder, version, file), join(folder, 'site', file));

/** Looks for a new version, and returns what became of it. */
const update = (page: Page): Promise<Answer> =>
  page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    let found: ServiceWorker | null = null; // its installation may finish before update() resolves
    registration.addEventListener('updatefound', () => (found = registration.installing));
    await registration.update();
    const worker = (found ?? registration.installing) as ServiceWorker | null;
    if (worker?.state === 'installing') {
      await new Promise<void>((resolve) => {
        worker.addEventListener('statechange', () => resolve());
      });
    }
    return { state: worker?.state ?? 'none', waiting: registration.waiting !== null };
  });

const versionOf = (page: Page): Promise<string> =>
  page.evaluate(
    () => document.querySelector<HTMLMetaElement>('meta[name=version]')?.content ?? 'A',
  );

const isServed = (page: Page, file: string): Promise<boolean> =>
  page.evaluate(async (path) => {
    const response = await fetch(path, { cache: 'no-store' });
    return response.ok && /javascript/.test(response.headers.get('content-type') ?? '');
  }, `../assets/${file}`);

/** A closed page remains a client for a moment, which keeps the old version active. */
async function reloadUntilNew(page: Page): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.reload();
    const replaced = await page
      .waitForSelector('meta[name=version]', {
        state: 'attached',
        timeout: 6000,
      })
      .then(
        () => true,
        () => false,
      );
    if (replaced) return;
  }
  assert.fail('the only page still has the old version after ten reloads');
}

async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => crossOriginIsolated && navigator.serviceWorker.controller !== null,
  );
}

describe('the service worker', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alexnet-deploys-'));
    await cp(BUILT, join(folder, 'A'), { recursive: true });
    await makeVersionB(join(folder, 'A'), join(folder, 'B'));
    await deploy('A');
    server = await serveGallery({ folder: join(folder, 'site'), bare: true });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps the old version until a deploy is complete and its pages are closed', async () => {
    const context = await browser.newContext({ serviceWorkers: 'allow' });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(`${server.address}filters/`);
      await controlled(page);
      await page.click('h1'); // from now on, the page is in use

      // The new worker is there, the new pages are not.
      await serveFrom('B', 'serviceWorker.js');
      assert.deepEqual(await update(page), { state: 'redundant', waiting: false });
      // The pages are there, and the host sends a page instead of a script.
      await deploy('B');
      const script = await readFile(join(folder, 'B/assets', chunk.B));
      await writeFile(join(folder, 'site/assets', chunk.B), '<!doctype html><p>Not found');
      assert.deepEqual(await update(page), { state: 'redundant', waiting: false });
      const other = await context.newPage();
      await other.goto(`${server.address}filters/`);
      await controlled(other);
      assert.equal(await versionOf(other), 'A');

      // The deploy is complete: two pages of the old version are open, and keep their files.
      await writeFile(join(folder, 'site/assets', chunk.B), script);
      // The browser may have installed it already, when the other page was opened.
      assert.equal((await update(page)).waiting, true);
      assert.ok(await isServed(page, chunk.A));
      await other.reload();
      await controlled(other);
      assert.equal(await versionOf(other), 'A');
      assert.ok(await isServed(page, chunk.A));
      await other.close();
      assert.equal(await versionOf(page), 'A');

      // The next page that is the only one gets the new version.
      await reloadUntilNew(page);
      await controlled(page);
      assert.ok(await isServed(page, chunk.B));
      await server.close();
      await context.setOffline(true);
      await page.reload();
      assert.equal(await versionOf(page), 'B');
    } finally {
      await context.close();
    }
  });
});
