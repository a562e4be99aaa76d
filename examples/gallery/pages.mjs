/** pages: a rollup plugin that writes the HTML: the index of cards, and around each example's own markup head, navigation and source tabs. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import highlighter from 'highlight.js/lib/common';

const require = createRequire(import.meta.url);
const LANGUAGES = {
  '.ts': 'typescript',
  '.mjs': 'javascript',
  '.html': 'xml',
  '.css': 'css',
  '.json': 'json',
};
const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** No inline script, no eval, no blob: workers; where no links are taken, not even a connection to another site. */
export const policy = (links) =>
  [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    `connect-src 'self' blob: data:${links ? ' https:' : ''}`,
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

export const pages = (root, examples) => ({
  name: 'pages',
  generateBundle(_options, bundle) {
    const read = (...path) => readFileSync(join(root, 'examples', ...path), 'utf8');
    const emit = (name, source) => this.getFileName(this.emitFile({ type: 'asset', name, source }));
    const chunk = (name) =>
      Object.values(bundle).find((output) => output.isEntry && output.name === name).fileName;
    // One style sheet for all pages: the shared rules, then the few that an example has of its own, under its class.
    const own = examples
      .filter(({ folder }) => existsSync(join(root, 'examples', folder, 'style.css')))
      .map(({ folder }) => read(folder, 'style.css'));
    const uplot = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
    const styles = emit('gallery.css', [uplot, read('gallery', 'style.css'), ...own].join('\n'));
    const icon = emit('icon.svg', read('gallery', 'icon.svg'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

    const page = ({ up, title, sentence, links, scripts, body }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="${policy(links)}" />
    <meta name="description" content="${escape(sentence)}" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)} · AlexNet in a browser tab</title>
    <link rel="icon" href="${up}${icon}" />
    <link rel="service-worker" href="${up}serviceWorker.js" />
    <link rel="stylesheet" href="${up}${styles}" />
${scripts.map((script) => `    <script type="module" src="${up}${script}"></script>`).join('\n')}
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
${body}
    <footer class="site">
      <p>
        <a href="${up}">alexnet-ts ${version}</a>, MIT. After A. Krizhevsky, I. Sutskever and G. E. Hinton, “ImageNet Classification with Deep
        Convolutional Neural Networks”, 2012. Everything runs in this tab: no picture leaves your machine.
      </p>
    </footer>
  </body>
</html>
`;

    const step = (example, rel, text) =>
      example
        ? `<a rel="${rel}" href="../${example.folder}/">${text(escape(example.title))}</a>`
        : '';
    for (const [i, example] of examples.entries()) {
      const { folder, title, sentence, paper, links } = example;
      this.emitFile({
        type: 'asset',
        fileName: `${folder}/index.html`,
        source: page({
          up: '../',
          title,
          sentence,
          links,
          scripts: [chunk('page'), chunk(folder)],
          body: `    <header class="site">
      <a class="brand" href="../"><img src="../${icon}" alt="" width="28" height="28" />AlexNet</a>
      <nav aria-label="Examples">
        ${step(examples[i - 1], 'prev', (text) => `<span aria-hidden="true">←</span> <span class="wide">${text}</span><span class="narrow">Back</span>`)}
        <a href="../">All examples</a>
        ${step(examples[i + 1], 'next', (text) => `<span class="wide">${text}</span><span class="narrow">Next</span> <span aria-hidden="true">→</span>`)}
      </nav>
    </header>
    <main id="main" class="example ${folder}">
      <header class="title">
        <p class="paper">${escape(paper ?? 'Example')}</p>
        <h1>${escape(title)}</h1>
        <p class="lead">${escape(sentence)}</p>
      </header>
${read(folder, 'index.html').trimEnd().replace(/^/gm, '      ')}
      ${sourceTabs(example, read)}
    </main>`,
        }),
      });
    }

    const card = ({ folder, title, sentence, paper }) => `<li>
          <a href="${folder}/">
            <img src="${emit(`${folder}.svg`, read(folder, 'card.svg'))}" alt="" width="320" height="180" />
            <span class="paper">${escape(paper ?? 'Example')}</span>
            <strong>${escape(title)}</strong>
            <span class="sentence">${escape(sentence)}</span>
          </a>
        </li>`;
    const towers = emit('towers.svg', read('towers.svg'));
    this.emitFile({
      type: 'asset',
      fileName: 'index.html',
      source: page({
        up: '',
        title: 'Examples',
        sentence:
          'The network of 2012, alive in a browser tab: classify, look inside, and teach it your own classes.',
        scripts: [chunk('page')],
        body: read('index.html')
          .trimEnd()
          .replace('towers.svg', towers)
          .replace('<!-- cards -->', examples.map(card).join('\n        ')),
      }),
    });
  },
});

/** The files of an example, coloured at build time, in tabs that page.ts brings to life. */
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
        <h2 id="source-title">How this page is made</h2>
        <div role="tablist" aria-label="Source files">${files.map(tab).join('')}</div>
${files.map(panel).join('\n')}
      </section>`;
}
