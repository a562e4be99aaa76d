/**
 * Untrusted names wherever they become part of code, a web page, a table, a line in the terminal,
 * or a file name.
 */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { unzip } from 'unzipit';
import { markdownTable } from '../examples/backends/markdown';
import { appCode } from '../examples/teach/appCode';
import { fileName } from '../examples/teach/fileName';
import { readProjectFile, writeProjectFile } from '../examples/teach/project/projectFile';
import * as programs from '../examples/teach/takeaway/programs';
import { formatReport } from '../src/cli/evaluation/report';
import { convert } from '../src/weights/convert/convert';
import { exportModel } from '../src/weights/export/exportModel';
import { destination } from '../src/weights/save/destination';
import { indexModule, writeSet } from '../src/weights/save/write';
import { pickedFiles, tinyFacts, tinyTensors } from './support/tinySet';

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
  '${alert(1)}',
  '{alert(1)}',
  '=HYPERLINK("https://x","y")',
  '\x1b]52;c;cm0gLXJm\x07',
  '\nverified        every shard has the right size and SHA-256',
  'a\0b',
  '..',
  ' .alexnet',
  'CON',
  'nul.txt',
  'e\u0301',
  '\u00e9',
  `${'x'.repeat(59)}\ud83d\ude00.`,
  'y'.repeat(500),
];
const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }));

/** Parses a program: its errors, statements, strings and calls. */
function parsed(code: string, file = 'x.ts') {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ES2022, true);
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
        assert.equal(code.split(/[\n\r\u2028\u2029\u0085]/).length, 5);
        assert.doesNotMatch(code, /[\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 500 },
    );
  });

  it('stay data in the index.js of a converted set', async () => {
    for (const name of HOSTILE) {
      const facts = { ...tinyFacts(), name, provenance: name, license: name };
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

  it('stay text in the programs that Teach offers', () => {
    const at = { name: 'x', labels: ['x'] };
    fc.assert(
      fc.property(
        names,
        fc.array(names, { maxLength: 4 }),
        fc.boolean(),
        (name, labels, hasBase) => {
          const facts = { name, labels, hasBase };
          for (const [program, file] of [
            [programs.appJs, 'app.js'],
            [programs.nodeProgram, 'x.mjs'],
            [programs.reactComponent, 'x.jsx'],
            [(facts: typeof at) => programs.reactComponent(facts, facts.name), 'x.jsx'],
          ] as const) {
            const plain = parsed(program({ ...at, hasBase }), file);
            const hostile = parsed(program(facts), file);
            assert.deepEqual(
              { ...hostile, strings: hostile.strings.length },
              { ...plain, strings: plain.strings.length },
            );
            assert.equal(hostile.errors, 0);
            const lines = (text: string) => text.split(/[\n\r\u2028\u2029\u0085]/).length;
            assert.equal(lines(program(facts)), lines(program({ ...at, hasBase })));
            assert.doesNotMatch(program(facts), /[\u202a-\u202e\u2066-\u2069]/);
          }
          assert.equal(parsed(programs.appJs(facts), 'app.js').strings[0], name);
          assert.equal(programs.readme(facts), programs.readme({ ...at, hasBase }));
        },
      ),
      { numRuns: 300 },
    );
    assert.equal(programs.indexHtml.length, 0); // the page has no names in it
  });

  it('become file names that every file system accepts and displays', () => {
    const check = (name: string) => {
      const file = fileName(name);
      assert.match(file, /^[^/\\:*?"<>|\p{Cc}\p{Surrogate}\u202a-\u202e\u2066-\u2069]+$/u);
      assert.doesNotMatch(file, /^[.\s]|[.\s]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      assert.ok(Buffer.byteLength(file) <= 240);
    };
    fc.assert(fc.property(names, check), { numRuns: 500 });
    for (const name of ["Mum's cup", 'Größe', '東京', '👩‍🔬']) assert.equal(fileName(name), name);
  });

  it('each get a folder of their own in the zip of a project, which can be read back', async () => {
    const blob = new Blob(['picture'], { type: 'image/png' });
    const pictures = HOSTILE.map((name, i) => ({ id: `p${i}`, name, blob }));
    const classes = HOSTILE.map((name) => ({ name, enabled: true, pictures: ['p0'] }));
    classes[0]!.pictures = pictures.map(({ id }) => id);
    const zip = await writeProjectFile({
      record: { id: 'x', name: HOSTILE[0], version: 0, savedAt: 0, classes, settings: {} },
      pictures: new Map(pictures.map((picture) => [picture.id, picture])),
      model: undefined,
    } as never);
    const { entries } = await unzip(zip);
    const paths = Object.keys(entries);
    assert.equal(
      new Set(paths.map((path) => path.normalize('NFC').toLowerCase())).size,
      paths.length,
    );
    assert.equal(paths.length, 2 * HOSTILE.length);
    for (const path of paths)
      assert.match(path, /^(\.alexnet\/project\.json|[^/.][^/]*\/[^/.][^/]*\.png)$/);
    let ids = 0;
    const opened = (await readProjectFile(new File([zip], 'x.zip'), () => `${++ids}`))!;
    for (const [i, { name, pictures: found }] of opened.classes.entries()) {
      assert.equal(name, HOSTILE[i]!.trim().slice(0, 40));
      assert.equal(found.length, i === 0 ? HOSTILE.length : 1);
    }
  });

  it('add no lines to the report of an evaluation', () => {
    for (const name of HOSTILE) {
      const report = {
        ...{ top1: 0, top5: 1, images: 1, crops: 'center', backend: 'cpu', precision: 'float32' },
        ...{ weights: name, workers: 0, resumed: 0, seconds: 1, imagesPerSecond: 1, skipped: [] },
        confusions: [{ actual: name, predicted: name, count: 1 }],
      };
      const text = formatReport(report as never, 10);
      assert.equal(text.split(/[\n\r\u2028\u2029]/).length, 6, JSON.stringify(name));
    }
  });

  it('survive an export as labels, unchanged', async () => {
    const labels = HOSTILE.slice(0, 5).map((label, i) => ({ label: `${label}${i}`, id: label }));
    const set = await writeSet({ ...tinyFacts(), labels }, tinyTensors());
    for (const format of ['safetensors', 'onnx'] as const) {
      const parts: Uint8Array[] = [];
      const sink = (_: string, bytes: Uint8Array) => void parts.push(bytes.slice());
      await exportModel(pickedFiles(set), sink, { format });
      const bytes = Buffer.concat(parts);
      const { facts } = await convert({
        name: `x.${format}`,
        size: bytes.length,
        read: async (from, to) => new Uint8Array(bytes.subarray(from, to)),
      });
      assert.deepEqual(facts.labels, labels);
    }
  });

  it('are never parsed as HTML by a page, nor run as code', async () => {
    const root = fileURLToPath(new URL('../', import.meta.url));
    const sinks =
      /\b(innerHTML|outerHTML|insertAdjacentHTML|srcdoc|DOMParser|createContextualFragment|setHTMLUnsafe)\b|document\.write|(?<![.\w])eval\(|new Function\(|javascript:/;
    let files = 0;
    for (const folder of ['examples', 'src']) {
      for (const name of await readdir(join(root, folder), { recursive: true })) {
        if (!/(?<!\.test)\.ts$/.test(name)) continue;
        files++;
        assert.doesNotMatch(await readFile(join(root, folder, name), 'utf8'), sinks, name);
      }
    }
    assert.ok(files > 300, `${files}`);
  });
});
