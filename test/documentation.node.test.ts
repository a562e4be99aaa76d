/** README.md, CONTRIBUTING.md and docs/: length, and correct files, links and output. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'alexnet-ts';
import { root } from './support/child';

const text = (path: string) => readFileSync(join(root, path), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'weights/README.md',
  'weights/imagenet-293/README.md',
  'test/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe('the documents', () => {
  it('have a README of at most 150 lines and 1,500 words', () => {
    const readme = text('README.md');
    assert.ok(readme.split('\n').length <= 150, `${readme.split('\n').length} lines`);
    const words = readme.split(/\s+/).filter((word) => word).length;
    assert.ok(words <= 1500, `${words} words`);
  });

  it('show working code and its output in the first 15 lines of the README', async () => {
    const [code] = text('README.md')
      .split('\n')
      .slice(0, 15)
      .join('\n')
      .match(/\/\/ school bus .+/)!;
    const model = await load();
    const [best] = await model.classify(join(root, 'examples/images/school-bus.jpg'));
    assert.equal(code, `// ${best!.label} ${best!.probability.toFixed(3)}`);
    model.dispose();
  });

  it('name files of the project that exist', () => {
    const missing = documents.flatMap((document) =>
      [...text(document).matchAll(/`((?:src|test|build|bench|examples|docs|types)\/[\w./-]*)`/g)]
        .map(([, path]) => path!)
        .filter((path) => !path.startsWith('src/main.') && !existsSync(join(root, path)))
        .map((path) => `${document}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  it('link to files that exist', () => {
    const broken = documents.flatMap((document) =>
      [...text(document).matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
        .map(([, link]) => link!)
        .filter((link) => !existsSync(join(root, normalize(join(dirname(document), link)))))
        .map((link) => `${document}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('describe a source tree whose root has four files', () => {
    const entries = readdirSync(join(root, 'src'), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    assert.deepEqual(files.sort(), ['alexnet.ts', 'api.ts', 'errors.ts', 'index.ts']);
    const described = text('docs/how-it-works.md');
    for (const entry of entries.filter((each) => each.isDirectory()))
      assert.ok(described.includes(`\`${entry.name}/\``), `docs/how-it-works.md: ${entry.name}/`);
  });
});
