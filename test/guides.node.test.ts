/** The guides in docs/: code compiles, messages match the source, and one guide is executed. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import typedoc from '../typedoc.json';
import { root } from './support/child';
import { Guide, blocksOf, folder, guides } from './guides/guide';
import * as inNode from './guides/inNode';
import { Folder } from './guides/newcomer';

/** Globals of script tags, and modules that bundlers create. */
const AMBIENT = `
declare const alexnet: typeof import('alexnet-ts');
declare module '*/my-set/index.js' { const set: import('alexnet-ts').WeightSet; export default set; }
`;

/** Returns the programs of a guide by file: blocks of a file are joined in order. */
function programs(guide: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { language, file, code, where } of blocksOf(guide)) {
    if (!/^(ts|js)$/.test(language)) continue;
    assert.ok(
      file.endsWith(`.${language}`) || file.endsWith('.cjs'),
      `${where}: the fence names the program's file`,
    );
    const name = join(folder, guide, file);
    found.set(name, `${found.get(name) ?? ''}${code}\n`);
  }
  return found;
}

describe('the guides', () => {
  it('contain programs that compile in strict mode', () => {
    const files = new Map(guides.flatMap((guide) => [...programs(guide)]));
    assert.ok(files.size >= 14, `${files.size} programs`);
    files.set(join(folder, 'ambient.d.ts'), AMBIENT);
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
      ts.sys,
      root,
    );
    // As in a new Vite project.
    Object.assign(options, { allowJs: true, checkJs: true, noUncheckedIndexedAccess: false });
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists } = host;
    host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
    host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
    const program = ts.createProgram([...files.keys()], options, host);
    const wrong = [...files.keys()].flatMap((name) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(name)),
    );
    assert.equal(
      ts.formatDiagnostics(wrong, { ...host, getCanonicalFileName: (name) => name }),
      '',
    );
  });

  it('explain messages that exist in the library', () => {
    const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n');
    const headings = [
      ...readFileSync(join(folder, 'troubleshooting.md'), 'utf8').matchAll(/^### (.+)$/gm),
    ].map(([, text]) => text!);
    assert.ok(headings.length >= 30);
    assert.deepEqual(
      headings.filter((text) => !source.includes(text)),
      [],
    );
  });

  it('are all on the site and its start page, and run by npm run test:guides', async () => {
    const start = await readFile(join(root, 'docs/index.md'), 'utf8');
    const walk = await readFile(join(root, 'test/guides/walk.ts'), 'utf8');
    for (const guide of guides) {
      assert.ok(
        typedoc.projectDocuments.includes(`docs/guide/${guide}`),
        `typedoc.json lacks ${guide}`,
      );
      assert.ok(start.includes(`](guide/${guide})`), `docs/index.md lacks ${guide}`);
      assert.ok(walk.includes(`'${guide}':`), `test/guides/walk.ts lacks ${guide}`);
    }
  });

  it('work when executed in Node', async () => {
    const project = new Folder(await mkdtemp(join(tmpdir(), 'alexnet-guide-')));
    try {
      const guide = new Guide('node.md');
      await inNode.node(guide, project);
      guide.end();
    } finally {
      await project.remove();
    }
  });
});
