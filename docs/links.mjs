/** The second step of `npm run docs`: fails if a link of the site leads to no page or no anchor. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('../dist/docs', import.meta.url));
const pages = readdirSync(site, { recursive: true })
  .filter((file) => file.endsWith('.html'))
  .map((file) => join(site, file));

/** The anchors of each page. */
const anchors = new Map();
function anchorsOf(page) {
  if (!anchors.has(page))
    anchors.set(
      page,
      new Set(
        [...readFileSync(page, 'utf8').matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id),
      ),
    );
  return anchors.get(page);
}

const broken = [];
let links = 0;
for (const page of pages) {
  for (const [, link] of readFileSync(page, 'utf8').matchAll(/\b(?:href|src)="([^"]+)"/g)) {
    if (/^(https?:|data:|mailto:)/.test(link)) continue;
    links++;
    const [path, anchor] = link.replaceAll('&amp;', '&').split('#').map(decodeURIComponent);
    const target = path ? join(dirname(page), path.split('?')[0]) : page;
    const missing =
      !existsSync(target) || (anchor && target.endsWith('.html') && !anchorsOf(target).has(anchor));
    if (missing) broken.push(`${relative(site, page)} → ${link}`);
  }
}
for (const link of new Set(broken)) console.error(link);
console.log(`${pages.length} pages, ${links} links, ${broken.length} broken`);
if (broken.length > 0 || links === 0) process.exitCode = 1;
