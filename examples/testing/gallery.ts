/** gallery: opens pages in a browser for tests. Any console error of a page fails its test. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/launchBrowser.mjs';
import { serveGallery } from '../serve.mjs';

const SCREENSHOTS = fileURLToPath(new URL('../../.screenshots/', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** With ALEXNET_COLOR_SCHEME=dark, pages open and are photographed in dark mode. */
const COLOR_SCHEME = process.env.ALEXNET_COLOR_SCHEME === 'dark' ? 'dark' : 'light';
const SUFFIX = COLOR_SCHEME === 'dark' ? '-dark' : '';

const WIDTHS = { phone: 360, desktop: 1280 } as const;

export interface OpenOptions extends BrowserContextOptions {
  /** Console errors that the test causes on purpose. */
  expected?: RegExp;
  /** Called before the page opens, to set up routes. */
  prepare?: (context: BrowserContext) => Promise<unknown>;
}

export interface Gallery {
  readonly address: string;
  readonly browser: Browser;
  /** Stops the server. */
  close(): Promise<void>;
  /**
   * Runs a test on a page: `inPage('classify/', async (page) => …)`. Then checks for console
   * errors, violations of the Content-Security-Policy, and axe findings in light and dark mode.
   */
  inPage(path: string, test: (page: Page) => Promise<void>, options?: OpenOptions): Promise<void>;
}

/** Call in a `describe`. `args` are additional browser flags. */
export function gallery({
  args: more = [],
  ...serving
}: { args?: string[]; under?: string; bare?: boolean } = {}): Gallery {
  let server: Awaited<ReturnType<typeof serveGallery>>;
  let browser: Browser;
  before(async () => {
    server = await serveGallery(serving);
    browser = await launchBrowser({ args: more });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    close: () => server.close(),
    get address() {
      return server.address;
    },
    get browser() {
      return browser;
    },
    async inPage(path, test, { expected, prepare, ...options } = {}) {
      const context = await browser.newContext({
        serviceWorkers: 'block',
        locale: 'en-US',
        colorScheme: COLOR_SCHEME,
        viewport: { width: WIDTHS.desktop, height: 900 },
        ...options,
      });
      try {
        await prepare?.(context);
        const page = await context.newPage();
        const errors = await listen(page);
        page.setDefaultTimeout(30_000);
        await page.goto(server.address + path);
        await test(page).catch(async (error: unknown) => {
          const messages = await page.locator('[role=status]').allTextContents();
          throw new Error(
            `${String(error)}\nStatus of the page: ${messages.filter(Boolean).join(' | ')}\n${errors.join('\n')}`,
            {
              cause: error,
            },
          );
        });
        assert.deepEqual(await findings(page), [], 'axe');
        assert.deepEqual(
          errors.filter((text) => !expected?.test(text)),
          [],
          'errors of the page',
        );
      } finally {
        await context.close();
      }
    },
  };
}

/** Collects errors of the page and its workers, and violations of the policy. */
async function listen(page: Page): Promise<string[]> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  await page.exposeFunction('recordError', (text: string) => errors.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (window as unknown as { recordError(text: string): void }).recordError(
        `${violatedDirective} forbids ${blockedURI}`,
      );
    });
  });
  return errors;
}

interface AxeResult {
  violations: { id: string; impact: string; help: string; nodes: { html: string }[] }[];
}

/** Returns serious and critical axe findings in both color schemes. */
async function findings(page: Page): Promise<string[]> {
  const found = new Set<string>();
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate(() =>
      (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
    );
    for (const { id, impact, help, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      for (const { html } of nodes)
        found.add(`${colorScheme}: ${id}: ${help}: ${html.slice(0, 160)}`);
    }
  }
  await page.emulateMedia({ colorScheme: COLOR_SCHEME });
  return [...found];
}

/** Saves screenshots at phone and desktop width: `.screenshots/<name>-360.png`, `-360-dark.png`. */
export const shoot = (page: Page, name: string): Promise<void> =>
  atEachWidth(page, name, async (width) => {
    await page.screenshot({ path: `${SCREENSHOTS}${name}-${width}${SUFFIX}.png`, fullPage: true });
  });

/** Like `shoot`, for elements of a page that is too long for one screenshot, by their ids. */
export const shootParts = (page: Page, name: string, ids: readonly string[]): Promise<void> =>
  atEachWidth(page, name, async (width) => {
    for (const id of ids)
      await page.locator(`#${id}`).screenshot({
        path: `${SCREENSHOTS}${name}-${id}-${width}${SUFFIX}.png`,
        animations: 'disabled',
      });
  });

async function atEachWidth(page: Page, name: string, take: (width: number) => Promise<void>) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const width of Object.values(WIDTHS)) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(150); // charts resize
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    await take(width);
    assert.equal(overflow, 0, `${name} is ${overflow} pixels wider than a screen of ${width}`);
  }
}
