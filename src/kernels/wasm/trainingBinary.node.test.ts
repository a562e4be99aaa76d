/** The committed binary matches its AssemblyScript source, and imports nothing but a memory. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { assemble } from '../../../build/assembly.mjs';
import { PARALLEL_KERNELS, SERIAL_KERNELS } from '../../engines/wasm/inferenceKernels';
import * as inferenceBinary from './inferenceBinary';
import { memoryFlags, relaxedSimd, simd } from './trainingBinary';
import { TRAINING_KERNELS } from './trainingKernels';

const compile = (base64: string) => WebAssembly.compile(Buffer.from(base64, 'base64'));

it('the compiled kernels are current', async () => {
  for (const [file, text] of await assemble())
    assert.equal(await readFile(file, 'utf8'), text, 'run npm run build, and commit');
});

it('the module without relaxed SIMD imports a memory and nothing else', async () => {
  const imports = WebAssembly.Module.imports(await compile(simd));
  assert.deepEqual(imports, [{ module: 'env', name: 'memory', kind: 'memory' }]);
});

it('accepts a shared memory if its memory flags say so', async () => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const bytes = Buffer.from(simd, 'base64');
  await assert.rejects(WebAssembly.instantiate(bytes, { env: { memory } }), { name: 'LinkError' });
  bytes[memoryFlags.simd] = 3;
  await WebAssembly.instantiate(bytes, { env: { memory } });
});

it('both variants are small', () => {
  for (const base64 of [simd, relaxedSimd])
    assert.ok(base64.length < 18_000, `${base64.length} characters`);
});

it('every kernel exists, with as many parameters as its table lists', async () => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536 });
  const parametersOf = async (base64: string) => {
    const { exports } = await WebAssembly.instantiate(await compile(base64), { env: { memory } });
    return (name: string) => (exports[name] as (...args: number[]) => void).length;
  };
  const training = await parametersOf(simd);
  for (const [name, parameters] of Object.entries(TRAINING_KERNELS))
    assert.equal(training(name), parameters.length, name);
  const inference = await parametersOf(inferenceBinary.simd);
  for (const [name, parameters] of Object.entries(SERIAL_KERNELS))
    assert.equal(inference(name), parameters.length, name);
  for (const [name, parameters] of Object.entries(PARALLEL_KERNELS))
    assert.equal(inference(name), parameters.length + 3, name); // from, to, work
});
