/**
 * Compiles src/engines/wasm/assembly, without and with relaxed SIMD, into base64 strings: training.ts into
 * src/kernels/wasm/trainingBinary.ts, inference.ts into src/engines/wasm/inferenceBinary.ts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src/engines/wasm/assembly/', import.meta.url));

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
  '--initialMemory',
  '1',
  '--maximumMemory', // all that there is: TensorFlow.js' limit, and a memory that threads share has to have one
  '65536',
];
const relaxed = ['--enable', 'relaxed-simd'];

async function compile(entry, ...more) {
  let binary;
  const { error, stderr } = await asc.main(
    [entry, '--outFile', 'kernels.wasm', '--baseDir', folder, ...options, ...more],
    {
      writeFile: (name, contents) => void (name.endsWith('.wasm') && (binary = contents)),
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary);
}

/** The same code for a memory that threads share differs in one byte, the flags of the memory's import. Answers where it is. */
async function sharedFlags(entry, binary, ...more) {
  const shared = await compile(entry, ...more, '--enable', 'threads', '--sharedMemory');
  const differing = [...binary.keys()].filter((i) => binary[i] !== shared[i]);
  if (
    shared.length !== binary.length ||
    differing.length !== 1 ||
    shared[differing[0]] !== SHARED
  ) {
    throw new Error(
      `the module for shared memory differs in ${differing.length} bytes, not in its flags alone`,
    );
  }
  return differing[0];
}

/** Has a maximum, and is shared. */
const SHARED = 3;

async function text(entry) {
  const modules = { simd: await compile(entry), relaxedSimd: await compile(entry, ...relaxed) };
  const flags = {
    simd: await sharedFlags(entry, modules.simd),
    relaxedSimd: await sharedFlags(entry, modules.relaxedSimd, ...relaxed),
  };
  return `/** Compiled kernels of src/engines/wasm/assembly, as base64. Written by build/assembly.mjs: do not edit. */
export const simd =
  '${modules.simd.toString('base64')}';
export const relaxedSimd =
  '${modules.relaxedSimd.toString('base64')}';
/** Where a module's byte is that says of what kind its memory is. */
export const memoryFlags = { simd: ${flags.simd}, relaxedSimd: ${flags.relaxedSimd} };
`;
}

/** The texts of the two files as the sources make them, by their addresses. */
export async function assemble() {
  return new Map([
    [new URL('../src/kernels/wasm/trainingBinary.ts', import.meta.url), await text('training.ts')],
    [
      new URL('../src/engines/wasm/inferenceBinary.ts', import.meta.url),
      await text('inference.ts'),
    ],
  ]);
}

/** Writes them where they have changed. */
export async function writeAssembly() {
  for (const [file, now] of await assemble()) {
    if ((await readFile(file, 'utf8').catch(() => '')) !== now) await writeFile(file, now);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAssembly();
