/** pages: a rollup plugin that writes the HTML: the article, and a page for each example. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { transform } from 'esbuild';
import highlighter from 'highlight.js/lib/common';
import { articleBody } from './articlePage.mjs';
import { adaptToDarkMode } from './drawings.mjs';
import { figures, fillIn } from './figures.mjs';
import { drawShareCard, shareTags, siteLinks } from './share.mjs';

const require = createRequire(import.meta.url);
const LANGUAGES = {
  '.ts': 'typescript',
  '.mjs': 'javascript',
  '.html': 'xml',
  '.css': 'css',
  '.json': 'json',
};
/** In the order of the cascade. */
const SHARED_STYLES = [
  'base',
  'controls',
  'pictures',
  'crops',
  'charts',
  'map',
  'index',
  'reserved',
];
/** The picture that the article starts with, shown before any script has run. */
const SAMPLE = 'examples/images/school-bus.jpg';
const SHARE_CARD = 'share-card.png';
/** The example that converts the visitor's weights. */
const CONVERTER = 'imagenet';
/** networkSwitch.ts replaces it once the visitor has brought a network. */
const NETWORK_HINT = `
        <p class="note network-hint">This network knows ${figures['weights.classes']} kinds of things. <a href="../${CONVERTER}/">Bring one that knows 1000</a> (a download of 244 MB)</p>`;
const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** No inline scripts, no eval, no blob: workers; no connections to other sites unless needed. */
export const policy = (externalImages) =>
  [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    `connect-src 'self' blob: data:${externalImages ? ' https:' : ''}`,
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

export const pages = (root, examples) => ({
  name: 'pages',
  async generateBundle(_options, bundle) {
    const read = (...path) => readFileSync(join(root, 'examples', ...path), 'utf8');
    const emit = (name, source) => this.getFileName(this.emitFile({ type: 'asset', name, source }));
    const chunk = (name) =>
      Object.values(bundle).find((output) => output.isEntry && output.name === name).fileName;
    // One style sheet for all pages: shared rules, then those of each example under its class.
    const folders = [...examples.map(({ folder }) => folder), 'article'];
    const own = folders.flatMap((folder) =>
      readdirSync(join(root, 'examples', folder))
        .filter((file) => file.endsWith('.css'))
        .map((file) => read(folder, file)),
    );
    const uplot = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
    const shared = SHARED_STYLES.map((name) => read('gallery/styles', `${name}.css`));
    const css = [uplot, ...shared, ...own].join('\n');
    const { code } = await transform(css, { loader: 'css', minify: true });
    const styles = emit('gallery.css', code);
    const values = { ...figures, examples: String(examples.length) };
    const icon = emit('icon.svg', read('gallery', 'icon.svg'));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { version } = manifest;
    const links = siteLinks(manifest);

    const page = ({
      up,
      title,
      description,
      externalImages,
      scripts,
      head = '',
      body,
    }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="${policy(externalImages)}" />
    <meta name="description" content="${escape(description)}" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)} · AlexNet in the browser</title>${head}
    <link rel="icon" href="${up}${icon}" />
    <link rel="service-worker" href="${up}serviceWorker.js" />
    <link rel="stylesheet" href="${up}${styles}" />
${scripts.map((script) => `    <script type="module" src="${up}${script}"></script>`).join('\n')}
  </head>
  <body>
    <a class="skip" href="#main">Skip to content</a>
${body}
    <footer class="site">
      <p>
        <a href="${up}">alexnet-ts ${version}</a>, MIT license. Based on A. Krizhevsky, I. Sutskever and G. E. Hinton,
        “ImageNet Classification with Deep Convolutional Neural Networks”, 2012. Everything runs in
        this tab: your pictures never leave your device.
      </p>
    </footer>
  </body>
</html>
`;

    const link = (example, rel, text) =>
      example
        ? `<a rel="${rel}" href="../${example.folder}/">${text(escape(example.title))}</a>`
        : '';
    for (const [i, example] of examples.entries()) {
      const { folder, title, description, paper, externalImages, network } = example;
      const classes = network
        ? ` data-shipped-classes="${figures['weights.classes']}" data-download="${figures['weights.size']}"`
        : '';
      this.emitFile({
        type: 'asset',
        fileName: `${folder}/index.html`,
        source: page({
          up: '../',
          title,
          description,
          externalImages,
          scripts: [chunk('page'), chunk(folder)],
          body: `    <header class="site">
      <a class="brand" href="../"><img src="../${icon}" alt="" width="28" height="28" />AlexNet</a>
      <nav aria-label="Examples">
        ${link(examples[i - 1], 'prev', (text) => `<span aria-hidden="true">←</span> <span class="wide">${text}</span><span class="narrow">Previous</span>`)}
        <a href="../#tools">All tools</a>
        ${link(examples[i + 1], 'next', (text) => `<span class="wide">${text}</span><span class="narrow">Next</span> <span aria-hidden="true">→</span>`)}
      </nav>
    </header>
    <main id="main" class="example ${folder}"${classes}>
      <header class="title">
        <p class="paper">${escape(paper ?? 'Example')}</p>
        <h1>${escape(title)}</h1>
        <p class="lead">${escape(description)}</p>${network && folder !== CONVERTER ? NETWORK_HINT : ''}
      </header>
${fillIn(read(folder, 'index.html'), values).trimEnd().replace(/^/gm, '      ')}
      ${sourceTabs(example, read)}
    </main>`,
        }),
      });
    }

    const card = ({ folder, title, description, paper }) => `<li>
          <a href="${folder}/">
            <img src="${emit(`${folder}.svg`, adaptToDarkMode(read(folder, 'card.svg')))}" alt="" width="320" height="180" />
            <span class="paper">${escape(paper ?? 'Example')}</span>
            <strong>${escape(title)}</strong>
            <span class="description">${escape(description)}</span>
          </a>
        </li>`;
    const sample = emit('school-bus.jpg', readFileSync(join(root, SAMPLE)));
    const towers = emit('towers.svg', adaptToDarkMode(read('towers.svg')));
    const title = 'How a neural network sees your picture';
    const description =
      'The AlexNet paper as an article whose figures run in your browser, on your own picture.';
    if (links.site)
      this.emitFile({ type: 'asset', fileName: SHARE_CARD, source: await drawShareCard(root) });
    this.emitFile({
      type: 'asset',
      fileName: 'index.html',
      source: page({
        up: '',
        title,
        description,
        head: shareTags(links.site, { title, description, image: SHARE_CARD }),
        scripts: [chunk('page'), chunk('article')],
        body: articleBody({
          read: (file) => fillIn(read('article/sections', file), { ...values, sample, towers }),
          icon,
          links,
          figures,
          cards: examples.map(card).join('\n        '),
        }),
      }),
    });
  },
});

/** The source files of an example, highlighted at build time. page.ts handles the tabs. */
function sourceTabs({ folder, files }, read) {
  const id = (file) => `source-${file.replace(/\W/g, '-')}`;
  const tab = (file, i) =>
    `<button type="button" role="tab" id="tab-${id(file)}" aria-controls="${id(file)}" aria-selected="${i === 0}" tabindex="${i ? -1 : 0}">${file.replace(/^(\.\.\/)+/, '')}</button>`;
  const panel = (file, i) => {
    const code = highlighter.highlight(read(folder, file), {
      language: LANGUAGES[extname(file)] ?? 'plaintext',
    }).value;
    return `<pre role="tabpanel" id="${id(file)}" aria-labelledby="tab-${id(file)}" tabindex="0"${i ? ' hidden' : ''}><code>${code}</code></pre>`;
  };
  return `<section class="source" aria-labelledby="source-title">
        <details>
          <summary><h2 id="source-title">Source code</h2></summary>
          <div role="tablist" aria-label="Source files">${files.map(tab).join('')}</div>
${files.map(panel).join('\n')}
        </details>
      </section>`;
}
