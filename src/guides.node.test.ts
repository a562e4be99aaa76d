/** The guides of docs/: their programs compile against the public types, and the messages that they explain are those of the source. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { root } from './testing/child';

const folder = join(root, 'docs/guide');
const guides = readdirSync(folder).filter((file) => file.endsWith('.md'));

/** The TypeScript of a guide by where it runs: its blocks are one program, in order. */
function programs(guide: string): Map<string, string> {
  const found = new Map<string, string>();
  const text = readFileSync(join(folder, guide), 'utf8');
  for (const [, where, code] of text.matchAll(/^ *```ts ?(\w*)\n([^]*?)^ *```$/gm)) {
    const name = join(folder, `${guide}.${where || 'node'}.ts`);
    found.set(name, `${found.get(name) ?? ''}${code}\n`);
  }
  return found;
}

describe('the guides', () => {
  it('hold programs that compile in strict mode', () => {
    const files = new Map(guides.flatMap((guide) => [...programs(guide)]));
    assert.ok(files.size >= 8, `${files.size} programs`);
    const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, root);
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists } = host;
    host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
    host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
    const program = ts.createProgram([...files.keys()], options, host);
    const wrong = [...files.keys()].flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)));
    assert.equal(ts.formatDiagnostics(wrong, { ...host, getCanonicalFileName: (name) => name }), '');
  });

  it('explain messages that the library says', () => {
    const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n');
    const headings = [...readFileSync(join(folder, 'troubleshooting.md'), 'utf8').matchAll(/^### `(.+)`$/gm)].map(([, text]) => text!);
    assert.ok(headings.length >= 20);
    assert.deepEqual(
      headings.filter((text) => !source.includes(text)),
      [],
    );
  });
});
