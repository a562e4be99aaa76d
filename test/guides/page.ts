/** Opens the pages of a Vite project, in development and built. */
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/launchBrowser.mjs';
import { serve } from '../support/serve.mjs';
import type { Folder } from './newcomer';

export interface Visit {
  page: Page;
  /** Console messages. */
  said: string[];
}

/** Starts a browser for the tests of a file. */
export async function openBrowser(): Promise<Browser> {
  return launchBrowser();
}

/** Opens a page for `work` and closes it. Console errors fail unless `allowed` matches. */
export async function visit(
  browser: Browser,
  address: string,
  use: (visit: Visit) => Promise<void>,
  allowed = /^$/,
): Promise<void> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    const [said, complaints]: [string[], string[]] = [[], []];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        complaints.push(`${message.text()} (${message.location().url})`);
      if (message.type() === 'log') said.push(message.text());
    });
    await page.goto(address);
    await use({ page, said }).catch(async (error: Error) => {
      throw new Error(
        [error.message, `The page: ${await page.innerText('body')}`, ...complaints, ...said].join(
          '\n',
        ),
        { cause: error },
      );
    });
    const wrong = complaints.filter((text) => !allowed.test(text));
    if (wrong.length > 0) throw new Error(`the page complains: ${wrong.join('\n')}`);
  } finally {
    await context.close();
  }
}

/** Uses a page twice: in development, and built with these headers. */
export async function useTwice(
  browser: Browser,
  project: Folder,
  use: (visit: Visit) => Promise<void>,
  { policy, allowed }: { policy?: string; allowed?: RegExp } = {},
): Promise<void> {
  const development = await project.start('npm run dev', /http:\/\/localhost:\d+\//);
  try {
    await visit(browser, development.printed, use, allowed);
  } finally {
    await development.stop();
  }
  await project.sh('npm run build');
  const server = await serve({ folder: project.at('dist'), isolated: true, policy });
  try {
    await visit(browser, `${server.address}/index.html`, use, allowed);
  } finally {
    await server.close();
  }
}

/** Replaces the body of a page. */
export async function setBody(project: Folder, markup: string): Promise<void> {
  const page = await project.read('index.html');
  await project.write(
    'index.html',
    page.replace(/<body>[^]*<\/body>/, () => `<body>\n${markup}\n</body>`),
  );
}
