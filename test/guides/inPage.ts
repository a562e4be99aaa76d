/** Executes the guides for pages, in the Vite project that classify.md creates. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { serve } from '../support/serve.mjs';
import type { Guide } from './guide';
import type { Folder } from './newcomer';
import { setBody, useTwice, visit, type Visit } from './page';

const BUS = 'examples/images/school-bus.jpg';
/** Browsers request /favicon.ico from every site; without one, the console logs a 404. */
const ICON = 'examples/gallery/icon.svg';

/** Waits until an element has a text. */
const says = ({ page }: Visit, text: RegExp) =>
  page.locator('#status').filter({ hasText: text }).waitFor();

/** Waits until the console has logged a number of lines. */
async function hears(said: readonly string[], lines: number): Promise<void> {
  for (let tries = 0; said.length < lines; tries++) {
    if (tries === 600) throw new Error(`the console says ${said.length} of ${lines} lines`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** classify.md: creates the project in a folder, which it returns. */
export async function classify(guide: Guide, browser: Browser, folder: Folder): Promise<Folder> {
  await folder.sh(guide.take('sh'));
  const project = folder.inside('my-page');
  await project.put({
    'public/favicon.ico': ICON,
    'public/school-bus.jpg': BUS,
    'public/lemon.jpg': 'examples/images/lemon.jpg',
    'public/orange.jpg': 'examples/images/orange.jpg',
  });
  await project.write('index.html', guide.take('html index.html'));
  const program = guide.take('ts src/main.ts');
  await project.write('src/main.ts', program);
  assert.equal(guide.take('sh').trim(), 'npm run dev');
  await useTwice(browser, project, async (visit) => {
    await says(visit, /^Ready on wasm/);
    await visit.page.setInputFiles('#file', project.at('public/school-bus.jpg'));
    await says(visit, /^Done\.$/);
    assert.match(await visit.page.innerText('#answers'), /^school bus: \d\d\.\d %/);
    await visit.page.setInputFiles('#file', {
      name: 'notes.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('no picture'),
    });
    await says(visit, /cannot be decoded|must be an image|truncated/);
  });

  const further = Array.from({ length: 3 }, () => guide.take('ts src/main.ts'));
  await project.write('src/main.ts', [program, ...further].join('\n'));
  await useTwice(browser, project, async ({ said }) => {
    await hears(said, 5);
    assert.equal(said[0], 'school bus n04146614 145');
    assert.deepEqual(said.slice(2), ['AbortError', '4096 13 × 13 × 256', 'lemon']);
  });

  // Without a bundler: the folder with node_modules on a static server.
  await project.write('modules.html', guide.take('html modules.html'));
  await project.write('plain.html', guide.take('html plain.html'));
  await project.write('page.js', guide.take('js page.js'));
  await project.put({ 'school-bus.jpg': BUS, 'favicon.ico': ICON });
  const server = await serve({ folder: project.path });
  try {
    for (const file of ['modules.html', 'plain.html']) {
      await visit(browser, `${server.address}/${file}`, ({ page }) =>
        page.getByText('school bus').waitFor(),
      );
    }
  } finally {
    await server.close();
  }
  return project;
}

/** The page of fine-tune.md: trains, reloads, classifies. */
export async function fineTune(guide: Guide, browser: Browser, project: Folder): Promise<void> {
  await setBody(project, guide.take('html index.html') + SCRIPT);
  await project.write('src/main.ts', guide.take('ts src/main.ts'));
  for (const [folder, things] of Object.entries({ cats: 'mug', dogs: 'pawn' }))
    await project.putClass(folder, things, 6);
  const six = (folder: string, name: string) =>
    Array.from({ length: 6 }, (_, i) => project.at(folder, `${name}-0${i + 1}.jpg`));
  await useTwice(browser, project, async (visit) => {
    const { page } = visit;
    await says(visit, /^Choose images of both/);
    await page.click('#train');
    await says(visit, /fineTune: /); // the error for no images
    await page.setInputFiles('#cats', six('cats', 'mug'));
    await page.setInputFiles('#dogs', six('dogs', 'pawn'));
    await page.click('#train');
    await says(visit, /^Trained and saved\.$/);
    await page.reload();
    await says(visit, /^Your model is loaded\.$/);
    await page.setInputFiles('#query', project.at('dogs/pawn-01.jpg'));
    await says(visit, /^dog: \d+ %$/);
  });
}

/** The page of convert.md, with the weights converted in Node. */
export async function convert(
  guide: Guide,
  browser: Browser,
  project: Folder,
  inNode: Folder,
): Promise<void> {
  await project.sh(`cp -r ${inNode.at('imagenet')} public/`);
  await setBody(project, guide.take('html index.html'));
  await project.write('src/main.ts', guide.take('ts src/main.ts'));
  await useTwice(browser, project, (visit) => says(visit, /: 5 classes$/));
}

/** The server part of own-weights.md, with the network trained in Node. */
export async function ownWeights(
  guide: Guide,
  browser: Browser,
  project: Folder,
  inNode: Folder,
): Promise<void> {
  const header = /^Cache-Control: public, max-age=31536000, immutable\n$/;
  assert.match(guide.take('http'), header);
  await project.sh(`cp -r ${inNode.at('my-net')} public/`);
  await setBody(project, SCRIPT);
  await project.write('src/main.ts', guide.take('ts src/main.ts'));
  const use = async ({ page, said }: Visit) => {
    await page.getByText('Loaded from the second mirror.').waitFor();
    assert.match(said.at(-1)!, /cat, dog$/);
  };
  await useTwice(browser, project, use, {
    allowed: /weights\.example|ERR_|Failed to load resource/,
  });

  await project.sh(`cp -r ${inNode.at('my-set')} src/ && rm src/main.ts`);
  await project.write('src/mine.js', guide.take('js src/mine.js'));
  await setBody(project, SCRIPT.replace('main.ts', 'mine.js'));
  await useTwice(browser, project, async ({ said }) => {
    await hears(said, 1);
    assert.equal(said[0], 'my-set');
  });
}

/** worker.md. */
export async function worker(guide: Guide, browser: Browser, project: Folder): Promise<void> {
  await setBody(project, guide.take('html index.html'));
  const blocks = Array.from({ length: 4 }, () => guide.take('ts src/main.ts'));
  await project.write('src/main.ts', blocks.join('\n'));
  const use = async (visit: Visit) => {
    await says(visit, /^school bus, on wasm$/);
    await hears(visit.said, 2);
    assert.equal(visit.said[0], '5');
    assert.match(visit.said[1]!, /^ImageError .*none\.jpg/);
  };
  await useTwice(browser, project, use, { allowed: /status of 404/ });
}

/** csp-and-self-hosting.md: serves the built page with its policy. */
export async function policy(guide: Guide, browser: Browser, project: Folder): Promise<void> {
  guide.leave('http', 'test/contentSecurityPolicy.node.test.ts runs the library under this line');
  const line = guide.take('http').trim().replace('Content-Security-Policy: ', '');
  const isolation = guide.take('http');
  const config = guide.take('ts vite.config.ts');
  for (const [, name, value] of isolation.matchAll(/^(.+): (.+)$/gm))
    assert.ok(config.includes(`'${name}': '${value}'`), name);
  await project.write('vite.config.ts', config);
  await setBody(project, guide.take('html index.html'));
  const threads = guide.take('ts src/main.ts');
  await project.sh(guide.take('sh'));
  await project.write('src/main.ts', `${threads}\n${guide.take('ts src/main.ts')}`);
  const use = async (visit: Visit) => {
    const cores = await visit.page.evaluate(() => navigator.hardwareConcurrency);
    await says(visit, cores > 1 ? /^2 threads on wasm$/ : /^1 threads on wasm; /);
    await hears(visit.said, 1);
    assert.deepEqual(visit.said, ['imagenet-293']);
  };
  await useTwice(browser, project, use, { policy: line });
  await project.sh('rm vite.config.ts');
}

const SCRIPT = '<script type="module" src="/src/main.ts"></script>\n';
