/**
 * programs: a web page, a React component and a Node program that use a model, as text. Names that
 * the visitor or a file chose are written by `literal` and `inAddress` only.
 */
import { inAddress, literal } from '../appCode';

export interface ProgramFacts {
  name: string;
  labels: readonly string[];
  /** Whether the model needs the files of the network that it was trained from. */
  hasBase: boolean;
}

const INSTALL =
  'npm install alexnet-ts @tensorflow/tfjs-core @tensorflow/tfjs-backend-webgl @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-backend-cpu';

/** The scripts of the page, in order. */
export const SCRIPTS = [
  'seedrandom.min.js',
  'tf-core.min.js',
  'tf-backend-cpu.min.js',
  'alexnet.umd.js',
] as const;

/** A page without names in it: app.js sets the title. */
export const indexHtml = (): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Classifier</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="style.css" />
${SCRIPTS.map((name) => `    <script defer src="lib/${name}"></script>\n`).join('')}    <script defer src="app.js"></script>
  </head>
  <body>
    <h1 id="title">Classifier</h1>
    <p><label>Choose a picture: <input type="file" id="file" accept="image/*" disabled /></label></p>
    <p id="status" role="status">Loading …</p>
    <img id="picture" alt="Your picture" hidden />
    <ol id="predictions"></ol>
  </body>
</html>
`;

export const styleCss = (): string => `:root {
  color-scheme: light dark;
  font: 1rem/1.5 system-ui, sans-serif;
}
body {
  max-width: 40rem;
  margin: 2rem auto;
  padding: 0 1rem;
}
img {
  max-width: 100%;
  max-height: 24rem;
}
`;

/** The script of the page. */
export const appJs = ({
  name,
  labels,
  hasBase,
}: ProgramFacts): string => `// Classifies pictures as ${labels.map(literal).join(' or ')}.
const title = ${literal(name)};
const file = document.getElementById('file');
const status = document.getElementById('status');
const picture = document.getElementById('picture');
const predictions = document.getElementById('predictions');

document.title = document.getElementById('title').textContent = title;

async function start() {
  const model = await alexnet.load({
    weights: new URL('model/model.json', document.baseURI),${
      hasBase ? "\n    base: new URL('base/model.json', document.baseURI)," : ''
    }
  });
  file.disabled = false;
  status.textContent = 'Ready.';
  file.addEventListener('change', async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      picture.src = URL.createObjectURL(chosen);
      picture.hidden = false;
      const results = await model.classify(chosen, { topK: model.labels.length });
      predictions.replaceChildren(
        ...results.map(({ label, probability }) => {
          const row = document.createElement('li');
          row.textContent = label + ': ' + (100 * probability).toFixed(1) + ' %';
          return row;
        }),
      );
      status.textContent = 'Done.';
    } catch (error) {
      status.textContent = error.message;
    }
  });
}

if (location.protocol === 'file:')
  status.textContent = 'Start a web server in this folder, for example: npx serve';
else start().catch((error) => (status.textContent = error.message));
`;

/** A React component; `folder`, which has the model, is in the app's public folder. */
export const reactComponent = (
  { labels }: Pick<ProgramFacts, 'labels'>,
  folder = 'model',
): string => `import { useEffect, useState } from 'react';
import { load } from 'alexnet-ts/worker';

/** Classifies a picture as ${labels.map(literal).join(' or ').replaceAll('*/', '*\\/')}. */
export function Classifier() {
  const [model, setModel] = useState();
  const [predictions, setPredictions] = useState([]);
  const [status, setStatus] = useState('Loading …');

  useEffect(() => {
    const unmounted = new AbortController();
    const { signal } = unmounted;
    const loading = load({ weights: '/${inAddress(folder)}/model.json', signal });
    loading.then(
      (loaded) => {
        if (signal.aborted) return;
        setModel(loaded);
        setStatus('Choose a picture.');
      },
      (error) => signal.aborted || setStatus(error.message),
    );
    return () => {
      unmounted.abort();
      void loading.then((loaded) => loaded.dispose(), () => {});
    };
  }, []);

  async function classify({ target }) {
    const [picture] = target.files;
    if (!picture) return;
    try {
      setPredictions(await model.classify(picture));
      setStatus(picture.name);
    } catch (error) {
      setPredictions([]);
      setStatus(error.message);
    }
  }

  return (
    <section>
      <p role="status">{status}</p>
      <input type="file" accept="image/*" aria-label="Picture" disabled={!model} onChange={classify} />
      <ol>
        {predictions.map(({ label, probability }) => (
          <li key={label}>
            {label}: {(100 * probability).toFixed(1)} %
          </li>
        ))}
      </ol>
    </section>
  );
}
`;

export const nodeProgram = ({
  labels,
  hasBase,
}: ProgramFacts): string => `// Usage: node classify.mjs photo.jpg
// Prints ${labels.map(literal).join(' or ')}, and how probable it is.
import { fileURLToPath } from 'node:url';
import { load } from 'alexnet-ts';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const model = await load({ weights: path('../model/model.json')${
  hasBase ? ", base: path('../base/model.json')" : ''
} });
for (const photo of process.argv.slice(2)) {
  const [best] = await model.classify(photo);
  console.log(\`\${photo}: \${best.label}, \${(100 * best.probability).toFixed(1)} %\`);
}
model.dispose();
`;

export const readme = ({ hasBase }: ProgramFacts): string => `# Your classifier

- \`index.html\`: a page that runs by itself. Put this folder on any web server. To try it here: \`npx serve\`
- \`react/Classifier.jsx\`: a React component. Install the packages below, and copy \`model\` to the public folder of your app.
- \`node/classify.mjs\`: a Node program. Install the packages below in this folder, and run: \`node node/classify.mjs photo.jpg\`

\`\`\`sh
${INSTALL}
npm install sharp
\`\`\`

\`sharp\` reads pictures in Node; a page does not need it.

\`model\` has the layers that you trained.${
  hasBase ? ' `base` has the network that they were trained on top of.' : ''
} Everything runs on the device: no picture is sent anywhere. \`lib/LICENSES.txt\` has the licenses of the scripts.
`;
