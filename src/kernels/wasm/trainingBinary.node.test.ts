/**
 * The committed binary is what its AssemblyScript compiles to, and asks for nothing but a memory.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { assemble } from '../../../build/assembly.mjs';
import { memoryFlags, relaxedSimd, simd } from './trainingBinary';

it('the compiled kernels are current', async () => {
  for (const [file, text] of await assemble())
    assert.equal(await readFile(file, 'utf8'), text, 'run npm run build, and commit');
});

it('the module without relaxed SIMD imports a memory, and no more', async () => {
  const imports = WebAssembly.Module.imports(
    await WebAssembly.compile(Buffer.from(simd, 'base64')),
  );
  assert.deepEqual(imports, [{ module: 'env', name: 'memory', kind: 'memory' }]);
});

it('attaches to a memory that threads share when one byte says so', async () => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const bytes = Buffer.from(simd, 'base64');
  await assert.rejects(WebAssembly.instantiate(bytes, { env: { memory } }), { name: 'LinkError' });
  bytes[memoryFlags.simd] = 3;
  await WebAssembly.instantiate(bytes, { env: { memory } });
});

it('both variants are small', () => {
  for (const base64 of [simd, relaxedSimd])
    assert.ok(base64.length < 20_000, `${base64.length} characters`);
});
