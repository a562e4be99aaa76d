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
  // the limits of TensorFlow.js' memory
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
];

async function compile(...more) {
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', '--baseDir', folder, ...options, ...more], {
    writeFile: (name, contents) => void (name.endsWith('.wasm') && (binary = contents)),
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary);
}

/** The same code for a memory that threads share differs in one byte, the flags of the memory's import. Answers where it is. */
async function sharedFlags(binary, ...more) {
  const shared = await compile(...more, '--enable', 'threads', '--sharedMemory');
  const differing = [...binary.keys()].filter((i) => binary[i] !== shared[i]);
  if (shared.length !== binary.length || differing.length !== 1 || shared[differing[0]] !== SHARED) {
    throw new Error(`the module for shared memory differs in ${differing.length} bytes, not in its flags alone`);
  }
  return differing[0];
}

/** Has a maximum, and is shared. */
const SHARED = 3;

/** The text of ../wasm/binary.ts as the sources make it. */
export async function assemble() {
  const relaxed = ['--enable', 'relaxed-simd'];
  const [simd, relaxedSimd] = [await compile(), await compile(...relaxed)];
  const flags = { simd: await sharedFlags(simd), relaxedSimd: await sharedFlags(relaxedSimd, ...relaxed) };
  return `/** The compiled kernels of ../assembly, as base64. Written by ../assembly/build.mjs: do not edit. */
export const simd =
  '${simd.toString('base64')}';
export const relaxedSimd =
  '${relaxedSimd.toString('base64')}';
/** Where a module's byte is that says of what kind its memory is. */
export const memoryFlags = { simd: ${flags.simd}, relaxedSimd: ${flags.relaxedSimd} };
`;
}

/** Writes it where it has changed. */
export async function writeAssembly() {
  const text = await assemble();
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) await writeFile(target, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAssembly();
