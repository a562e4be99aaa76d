/** Every page of the built gallery, used once in an engine. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policy } from '../../examples/gallery/pages.mjs';
import { serve } from '../support/serve.mjs';
import { torchvisionFile } from '../support/torchvisionFile.mjs';
import { until } from './driver.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist/gallery');
const image = (name) => join(root, 'examples/images', `${name}.jpg`);

/** Collects what goes wrong on a page. Comes first in its head. */
const RECORDER = `
globalThis.problems = [];
addEventListener('error', ({ message }) => message && problems.push(message));
addEventListener('unhandledrejection', ({ reason }) => problems.push('unhandled: ' + reason));
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  problems.push(violatedDirective + ' forbids ' + blockedURI));
const error = console.error;
console.error = (...all) => { problems.push(all.join(' ')); error.apply(console, all); };
`;

/** Serves the gallery with the recorder in every page. */
function serveGallery() {
  const pages = [
    '',
    ...readdirSync(built, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'assets')
      .map(({ name }) => `${name}/`),
  ];
  const files = { '/recorder.js': RECORDER };
  for (const page of pages) {
    const html = readFileSync(join(built, page, 'index.html'), 'utf8');
    const marked = html.replace('<head>', '<head><script src="/recorder.js"></script>');
    assert.notEqual(marked, html, `${page}index.html has no <head>`);
    files[`/${page}index.html`] = marked;
  }
  return serve({ folder: built, files, isolated: true, policy: policy(true) });
}

/** What a page is asked for. */
function pageOf(driver) {
  const wait = (what, work, args, seconds = 90) =>
    until(driver, what, work, {
      args,
      seconds,
      explain: (selector) =>
        JSON.stringify([
          document.querySelector(selector)?.textContent,
          ...[...document.querySelectorAll('[role=status]')].map((line) => line.textContent),
          ...globalThis.problems,
        ]),
    });
  const text = (selector) =>
    driver.call((selector) => document.querySelector(selector)?.textContent ?? '', selector);
  return {
    text,
    upload: driver.upload,
    click: (selector) =>
      driver.call((selector) => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`no element ${selector}`);
        if (element.disabled) throw new Error(`${selector} is disabled`);
        element.click();
      }, selector),
    /** Selects an option by its text. */
    select: (selector, text) =>
      driver.call(
        (selector, text) => {
          const select = document.querySelector(selector);
          select.selectedIndex = [...select.options].findIndex((each) => each.text === text);
          select.dispatchEvent(new Event('input', { bubbles: true }));
          select.dispatchEvent(new Event('change', { bubbles: true }));
        },
        selector,
        text,
      ),
    scrollTo: (selector) =>
      driver.call((selector) => document.querySelector(selector).scrollIntoView(), selector),
    /** Checks the boxes whose label matches, and no others. */
    choose: (selector, pattern) =>
      driver.call(
        (selector, source) => {
          for (const label of document.querySelectorAll(selector))
            label.querySelector('input').checked = new RegExp(source).test(label.textContent);
        },
        selector,
        pattern.source,
      ),
    /** Waits until the text of an element matches. */
    says: (selector, pattern, seconds) =>
      wait(
        `${selector} to say ${pattern}`,
        (selector, source) =>
          new RegExp(source).test(document.querySelector(selector)?.textContent.trim() ?? ''),
        [selector, pattern.source],
        seconds,
      ),
    /** Waits until the accessible name of an element matches. */
    named: (selector, pattern, seconds) =>
      wait(
        `${selector} to be named ${pattern}`,
        (selector, source) =>
          new RegExp(source).test(document.querySelector(selector)?.ariaLabel ?? ''),
        [selector, pattern.source],
        seconds,
      ),
    /** Waits until there are at least so many elements. */
    has: (selector, count = 1, seconds = undefined) =>
      wait(
        `${count} × ${selector}`,
        (selector, count) => document.querySelectorAll(selector).length >= count,
        [selector, count],
        seconds,
      ),
    problems: () => driver.call(() => globalThis.problems),
  };
}

/** What a visitor does on each page, by its folder. */
const VISITS = {
  async classify(page) {
    await page.says('#predictions li:first-child', /^school bus/);
    await page.click('button[title=ladybug]');
    await page.says('#predictions li:first-child', /^ladybug/);
    await page.upload('#input input[type=file]', [image('lemon')]);
    await page.says('#predictions li:first-child', /^lemon/);
    await page.click('[value=ten]');
    await page.has('#crops canvas', 10);
    return page.text('#status');
  },
  async teach(page) {
    await page.has('.class-card', 2); // the page's script has run
    await page.click('#add-samples');
    await page.says('#pictures-status', /96 pictures added/);
    await page.click('#train');
    await page.says('#training-status', /^Trained in .+The model has 4 classes/, 180);
    await page.says('#predictions li:first-child', /%/);
    await page.click('#save');
    await page.says('#save-status', /^Saved “.+” in this browser/);
    return page.text('#training-status');
  },
  async webcam(page) {
    await page.says('#status', /./);
    await page.has('#start:enabled');
    await page.click('#start'); // no test machine has a camera
    await page.says('#status', /No camera was found/);
    await page.click('#slides');
    await page.says('#status', /Classifying the sample pictures/);
    await page.says('#predictions li:first-child', /%/);
    await page.click('#stop');
  },
  async 'look-alikes'(page) {
    await page.says('#status', /The index is empty/);
    await page.upload('#pictures', ['lemon', 'orange', 'ladybug'].map(image));
    await page.says('#status', /^3 pictures added\. The index has 3 pictures/);
    await page.has('#nearest li', 2);
    return page.text('#status');
  },
  async inside(page) {
    await page.has('#conv1');
    await page.scrollTo('#conv1'); // layers are computed as they become visible
    await page.has('#conv1 [role=option]', 48);
    await page.click('#conv1 button'); // Show all 96 maps
    await page.has('#conv1 [role=option]', 96);
    await page.has('#run:enabled');
    await page.click('#run');
    await page.has('#run:disabled');
    await page.has('#run:enabled', 1, 240);
  },
  async imagenet(page) {
    await page.says('#kept', /^Nothing yet/);
    const folder = mkdtempSync(join(tmpdir(), 'alexnet-ts-engines-'));
    const path = join(folder, 'alexnet.safetensors');
    writeFileSync(path, torchvisionFile());
    await page.upload('#file', [path]);
    await page.says('#conversion', /^Converted in/);
    await page.says('#status', /^school bus/);
    rmSync(folder, { recursive: true });
    const kept = await page.text('#kept');
    if (/kept in this browser/.test(kept)) {
      await page.has('.network-switch');
      await page.click('#remove');
      await page.says('#kept', /^Nothing yet/);
    }
    return kept;
  },
  async filters(page) {
    await page.says('#found', /Strongest activation/);
    await page.click('button[title=ladybug]');
    await page.says('#found', /Strongest activation/);
  },
  async crops(page) {
    await page.says('#status', /Showing /);
    await page.click('#draw');
    await page.click('#draw-shifts');
    await page.has('#training-views canvas', 6);
  },
  async compose(page) {
    await page.says('#total', /parameters/);
    await page.select('#preset', 'Small, for 4 classes'); // the first is too large to train
    await page.has('#train:enabled');
    await page.click('#train');
    await page.has('#stop:enabled');
    await page.says('#status', /epoch|Epoch|step|%/, 120);
    await page.click('#stop');
    await page.has('#train:enabled');
    return page.text('#status');
  },
  async 'relu-tanh'(page) {
    await page.has('#shapes canvas', 24);
    await page.click('#train');
    await page.named('#curves', /epoch [1-9]/);
    await page.click('#stop');
    await page.says('#status', /^Stopped/);
  },
  async backends(page) {
    await page.has('#cases label', 4);
    await page.choose('#cases label', /WASM, one thread/);
    await page.click('#run');
    await page.has('#run:disabled');
    await page.has('#run:enabled', 1, 240);
    await page.says('#status', /^Fastest: WASM, one thread/);
    return page.text('#status');
  },
};

/**
 * @param {import('./driver.mjs').Driver} driver
 * @param {import('./checks.mjs').Check} check
 */
export async function testGallery(driver, check) {
  const server = await serveGallery();
  const page = pageOf(driver);
  const folders = readdirSync(built, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'assets')
    .map(({ name }) => name);
  try {
    for (const folder of folders) {
      await check(`gallery: ${folder}`, async () => {
        assert.ok(VISITS[folder], `no visit for the page ${folder}: add one to this file`);
        await driver.open(`${server.address}/${folder}/index.html`);
        const more = await VISITS[folder](page);
        assert.deepEqual(await page.problems(), []);
        return more;
      });
    }
  } finally {
    await server.close();
  }
}
