/** `npm run test:guides`: executes every guide with the packed tarball. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { root } from '../support/child';
import { Guide } from './guide';
import * as inNode from './inNode';
import * as inPage from './inPage';
import { Folder } from './newcomer';
import { openBrowser } from './page';

describe('the guides work when executed', () => {
  let folder: string;
  let browser: Browser;
  let project: Folder;
  let page: Folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alexnet-guides-'));
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const { stdout } = await promisify(execFile)('npm', pack, { cwd: root, maxBuffer: 1e7 });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    for (const name of ['node', 'page']) await mkdir(join(folder, name));
    project = new Folder(join(folder, 'node'), join(folder, filename));
    page = new Folder(join(folder, 'page'), join(folder, filename));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** In the order of the site's start page. A guide can use results of earlier ones. */
  const walks: Record<string, (guide: Guide) => Promise<void>> = {
    'classify.md': async (guide) => {
      page = await inPage.classify(guide, browser, page);
    },
    'node.md': (guide) => inNode.node(guide, project),
    'fine-tune.md': async (guide) => {
      await inNode.fineTune(guide, project);
      await inPage.fineTune(guide, browser, page);
      await inNode.changeLater(guide, project);
    },
    'imagenet.md': (guide) => inNode.imagenet(guide, project),
    'convert.md': async (guide) => {
      await inNode.convert(guide, project);
      await inPage.convert(guide, browser, page, project);
      await inNode.convertByHand(guide, project);
    },
    'export.md': (guide) => inNode.exports(guide, project),
    'own-weights.md': async (guide) => {
      await inNode.ownWeights(guide, project);
      await inPage.ownWeights(guide, browser, page, project);
    },
    'worker.md': (guide) => inPage.worker(guide, browser, page),
    'csp-and-self-hosting.md': (guide) => inPage.policy(guide, browser, page),
    'evaluate-and-cli.md': (guide) => inNode.evaluate(guide, project),
    'troubleshooting.md': async (guide) => {
      await page.write('vite.config.js', guide.take('js vite.config.js'));
      await page.sh('npm run build');
    },
  };
  for (const [name, walk] of Object.entries(walks)) {
    it(name, async () => {
      const guide = new Guide(name);
      await walk(guide);
      guide.end();
    });
  }
});
