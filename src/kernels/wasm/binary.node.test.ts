/** The committed binary is what its AssemblyScript compiles to, and asks for nothing but a memory. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { assemble } from '../assembly/build.mjs';
import { relaxedSimd, simd } from './binary';

it('src/kernels/wasm/binary.ts is current', async () => {
  assert.equal(await readFile(new URL('binary.ts', import.meta.url), 'utf8'), await assemble(), 'run npm run build, and commit');
});

it('the module without relaxed SIMD imports a memory, and no more', async () => {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(Buffer.from(simd, 'base64')));
  assert.deepEqual(imports, [{ module: 'env', name: 'memory', kind: 'memory' }]);
});

it('both variants are small', () => {
  for (const base64 of [simd, relaxedSimd]) assert.ok(base64.length < 20_000, `${base64.length} characters`);
});
