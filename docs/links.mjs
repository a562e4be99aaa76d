/** Behind `npm run docs`: every link of the site leads to a page, and to a place in it, that is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('../dist/docs', import.meta.url));
const pages = readdirSync(site, { recursive: true })
  .filter((file) => file.endsWith('.html'))
  .map((file) => join(site, file));

/** The places in a page that a link may name. */
const places = new Map();
function placesOf(page) {
  if (!places.has(page))
    places.set(
      page,
      new Set(
        [...readFileSync(page, 'utf8').matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id),
      ),
    );
  return places.get(page);
}

const broken = [];
let links = 0;
for (const page of pages) {
  for (const [, link] of readFileSync(page, 'utf8').matchAll(/\b(?:href|src)="([^"]+)"/g)) {
    if (/^(https?:|data:|mailto:)/.test(link)) continue;
    links++;
    const [path, place] = link.replaceAll('&amp;', '&').split('#').map(decodeURIComponent);
    const target = path ? join(dirname(page), path.split('?')[0]) : page;
    const lost =
      !existsSync(target) || (place && target.endsWith('.html') && !placesOf(target).has(place));
    if (lost) broken.push(`${relative(site, page)} → ${link}`);
  }
}
for (const link of new Set(broken)) console.error(link);
console.log(`${pages.length} pages, ${links} links, ${broken.length} broken`);
if (broken.length > 0 || links === 0) process.exitCode = 1;
