/** share: addresses of the published gallery, and the preview that other sites show of it. */
import { join } from 'node:path';
import sharp from 'sharp';
import { DEFAULT_SET } from '../../build/figures.mjs';

const PAPER = 'https://doi.org/10.1145/3065386';
const [WIDTH, HEIGHT] = [1200, 630];

/**
 * @typedef {object} SiteLinks
 * @property {string} [site] address of the gallery, ending with a slash
 * @property {string} [repository]
 * @property {string} [npm]
 * @property {string} paper
 */

/**
 * Returns the addresses from the variables GALLERY_URL, GALLERY_REPOSITORY, GALLERY_NPM and
 * GALLERY_PAPER of the build, or from package.json. Those that are unset are left out of the pages.
 *
 * @param {{ homepage?: string; repository?: string | { url: string } }} manifest package.json
 * @param {Record<string, string | undefined>} env
 * @returns {SiteLinks}
 * @throws Error if a variable is not an address.
 */
export function siteLinks({ homepage, repository } = {}, env = process.env) {
  const code = typeof repository === 'object' ? repository.url : repository;
  const address = (name, otherwise) => {
    const text = env[name] || otherwise?.replace(/^git\+|\.git$/g, '');
    if (text && !/^https?:\/\/\S+$/.test(text))
      throw new Error(`${name}: must be an address such as https://example.org/, got ${text}.`);
    return text || undefined;
  };
  const site = address('GALLERY_URL', homepage);
  return {
    site: site && site.replace(/\/?$/, '/'),
    repository: address('GALLERY_REPOSITORY', code),
    npm: address('GALLERY_NPM'),
    paper: address('GALLERY_PAPER', PAPER),
  };
}

/**
 * Returns the `og:` tags of a page. Returns none without the site's address, because their
 * addresses must be absolute.
 *
 * @param {string | undefined} site
 * @param {{ title: string; description: string; image: string }} page
 */
export function shareTags(site, { title, description, image }) {
  if (!site) return '';
  const tags = {
    'og:type': 'article',
    'og:title': title,
    'og:description': description,
    'og:url': site,
    'og:image': site + image,
    'og:image:width': WIDTH,
    'og:image:height': HEIGHT,
    'og:image:alt': `${title}: a school bus, and the filters that the network learned`,
  };
  return Object.entries(tags)
    .map(([name, value]) => `\n    <meta property="${name}" content="${escape(String(value))}" />`)
    .concat(
      '\n    <meta name="twitter:card" content="summary_large_image" />',
      `\n    <link rel="canonical" href="${escape(site)}" />`,
    )
    .join('');
}

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * Draws the card of 1200 × 630 pixels: the sample picture with the frame of a kernel, the filters
 * that the network learned, and the title.
 *
 * @param {string} root folder of the project
 * @returns {Promise<Buffer>} a PNG
 */
export async function drawShareCard(root) {
  const inFolder = (...path) => join(root, ...path);
  const picture = await sharp(inFolder('examples/images/school-bus.jpg'))
    .resize(HEIGHT, HEIGHT, { fit: 'cover' })
    .toBuffer();
  const filters = await sharp(inFolder(DEFAULT_SET, 'figures/conv1.png'))
    .resize({ width: 490 })
    .png()
    .toBuffer();
  const { height } = await sharp(filters).metadata();
  const text = (y, size, weight, line) =>
    `<text x="685" y="${y}" font-size="${size}" font-weight="${weight}">${escape(line)}</text>`;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="Georgia, DejaVu Serif, serif" fill="#1d2430">
    <rect x="170" y="215" width="92" height="92" fill="none" stroke="#1d2430" stroke-width="10"/>
    <rect x="170" y="215" width="92" height="92" fill="none" stroke="#fff" stroke-width="5"/>
    ${text(110, 27, 600, 'AlexNet, 2012')}
    ${text(180, 52, 700, 'How a neural')}
    ${text(240, 52, 700, 'network sees')}
    ${text(300, 52, 700, 'your picture')}
    ${text(355, 27, 400, 'The paper, with live figures.')}
  </svg>`;
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#faf8f3' } })
    .composite([
      { input: picture, left: 0, top: 0 },
      { input: filters, left: 685, top: Math.min(395, HEIGHT - height - 20) },
      { input: Buffer.from(drawing), left: 0, top: 0 },
    ])
    .png({ compressionLevel: 9 })
    .toBuffer();
}
