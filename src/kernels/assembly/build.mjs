/** Compiles the AssemblyScript beside this file, without and with relaxed SIMD, into ../wasm/binary.ts: a set of base64 strings. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = new URL('../wasm/binary.ts', import.meta.url);

/** No runtime, no data, no memory of its own: it works in the memory that it is given. */
const options = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--enable',
  'simd',
  '--disableWarning',
  '112',
];

async function compile(...more) {
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', '--baseDir', folder, ...options, ...more], {
    writeFile: (name, contents) => void (name.endsWith('.wasm') && (binary = contents)),
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary).toString('base64');
}

/** The text of ../wasm/binary.ts as the sources make it. */
export async function assemble() {
  const [simd, relaxedSimd] = [await compile(), await compile('--enable', 'relaxed-simd')];
  return `/** The compiled kernels of ../assembly, as base64. Written by ../assembly/build.mjs: do not edit. */
export const simd =
  '${simd}';
export const relaxedSimd =
  '${relaxedSimd}';
`;
}

/** Writes it where it has changed. */
export async function writeAssembly() {
  const text = await assemble();
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) await writeFile(target, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAssembly();
