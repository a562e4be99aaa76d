/** openSourcePage: serves a page with a script bundled from src/, and starts a browser for it. */
import { build } from 'esbuild';
import { findBrowser } from '../test/support/browser.mjs';
import { launchBrowser } from '../test/support/launchBrowser.mjs';
import { serve } from '../test/support/serve.mjs';

/**
 * @param {string} script a file in bench/
 * @returns the page's address, the browser, its name, and a function that closes everything
 */
export async function openSourcePage(script) {
  const { outputFiles } = await build({
    entryPoints: [new URL(script, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    external: [
      'fs',
      'path',
      'worker_threads',
      'perf_hooks',
      'os',
      'crypto',
      'util',
      'string_decoder',
      'sharp',
    ],
    define: { 'import.meta.url': 'location.href' },
    logLevel: 'error',
  });
  const html = '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>';
  const server = await serve({
    files: { '/page.html': html, '/page.js': outputFiles[0].text },
  });
  const browser = await launchBrowser();
  return {
    address: `${server.address}/page.html`,
    browser,
    browserName: findBrowser().name,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
