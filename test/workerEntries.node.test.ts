/** No chunk of a build imports a worker's entry: WebKit evaluates such an entry twice. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** The files that the scripts of a folder start as module workers, and what each script imports. */
function readBuild(folder: string) {
  const entries = new Set<string>();
  const imports: { from: string; to: string }[] = [];
  for (const from of readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.js'))) {
    const code = readFileSync(join(ROOT, folder, from), 'utf8');
    const workers = code.matchAll(
      /new (?:Shared)?Worker\((?:\s*new URL\()+["']([^"']+)["'],\s*import\.meta\.url\)(?:\.href\))?,\s*\{\s*type:\s*["']module["']/g,
    );
    for (const [, path] of workers) entries.add(path!.split('/').at(-1)!);
    for (const [, to] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`](\.{1,2}\/[^"'`]+)["'`]/g))
      imports.push({ from, to: to!.split('/').at(-1)! });
  }
  return { entries, imports };
}

describe('workers', () => {
  for (const { folder, atLeast } of [
    { folder: 'dist', atLeast: 1 },
    { folder: 'dist/gallery/assets', atLeast: 5 },
  ]) {
    it(`no script of ${folder} imports a worker's entry`, () => {
      const { entries, imports } = readBuild(folder);
      assert.ok(entries.size >= atLeast, `found ${entries.size} entries of workers`);
      assert.ok(imports.length > 10, `found ${imports.length} imports`);
      assert.deepEqual(
        imports.filter(({ to }) => entries.has(to)),
        [],
      );
    });
  }
});
