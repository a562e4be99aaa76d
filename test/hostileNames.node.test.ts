/** Untrusted names that become code or a file name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ts from 'typescript';
import { markdownTable } from '../examples/backends/markdown';
import { appCode } from '../examples/teach/appCode';
import { destination } from '../src/weights/save/destination';
import { indexModule, writeSet } from '../src/weights/save/write';
import { tinyFacts, tinyTensors } from './support/tinySet';

const HOSTILE = [
  "Mum's cup",
  "'}); alert(1); ({'",
  '"; alert(1); //',
  '`${alert(1)}`',
  '\\',
  '\n alert(1)',
  '\r alert(1)',
  '\u2028 alert(1) //',
  '\u2029 alert(1) //',
  '\u0085 alert(1)',
  '\u202e)1(trela \u2066// ',
  '*/ alert(1) /*',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  '\ud800',
  '../../x',
  '%00',
];
const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }));

/** Parses a program: its errors, statements, strings and calls. */
function parsed(code: string) {
  const source = ts.createSourceFile('x.ts', code, ts.ScriptTarget.ES2022, true);
  const { parseDiagnostics } = source as unknown as { parseDiagnostics: unknown[] };
  const strings: string[] = [];
  const calls: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) strings.push(node.text);
    if (ts.isCallExpression(node)) calls.push(node.expression.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { errors: parseDiagnostics.length, count: source.statements.length, strings, calls };
}

describe('untrusted names', () => {
  it('stay text in one cell of the Markdown table of speeds', () => {
    const table = (name: string, machine: string) =>
      markdownTable([{ backend: { name }, outcome: { error: name } } as never], machine);
    const columns = table('x', 'y').split('\n')[0]!.split('|').length;
    fc.assert(
      fc.property(
        fc.oneof(names, fc.constantFrom('a|b', '\\|', '[x](javascript:alert(1))', '&lt;b&gt;')),
        (name) => {
          const lines = table(name, name).split('\n');
          assert.equal(lines.length, 5);
          const unescaped = lines.map((line) => line.replace(/\\./gu, ''));
          assert.equal(unescaped[2]!.split('|').length, columns);
          assert.doesNotMatch(unescaped.join(''), /[`[\]<>&\\\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        },
      ),
    );
  });

  it('stay strings in the code that Teach offers', () => {
    fc.assert(
      fc.property(names, fc.array(names, { maxLength: 4 }), (name, labels) => {
        const code = appCode(name, labels);
        const { errors, count, strings, calls } = parsed(code);
        assert.deepEqual([errors, count], [0, 3]);
        assert.deepEqual(calls, ['load', 'model.classify']);
        const [, folder] = /^\/(.*)\/model\.json$/.exec(strings[1]!)!;
        assert.equal(decodeURIComponent(folder!), name.replace(/\p{Surrogate}/gu, '\ufffd'));
        assert.equal(code.split(/[\n\r\u2028\u2029\u0085]/).length, 4);
        assert.doesNotMatch(code, /[\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 500 },
    );
  });

  it('stay data in the index.js of a converted set', async () => {
    for (const name of HOSTILE) {
      const facts = { ...tinyFacts(), name, provenance: name, licence: name };
      const labels = facts.labels.map(({ id }, i) => ({ id, label: `${name}${i}` }));
      const { manifest } = await writeSet({ ...facts, labels }, tinyTensors());
      const { errors, count, calls } = parsed(indexModule(manifest));
      assert.deepEqual([errors, count, calls], [0, 1, []], name);
    }
  });

  it('are refused as names of downloads if they have slashes or control characters', () => {
    for (const name of ['a\0b', 'a\x1bb', 'photo\u202egpj.exe', 'a\u2028b', 'a/b', 'a\\b'])
      assert.throws(
        () => destination(`downloads://${name}`),
        /OptionsError: save: the target/,
        name,
      );
    for (const name of ["Mum's cup", 'Größe', '東京', '👩‍🔬']) destination(`downloads://${name}`);
  });
});
