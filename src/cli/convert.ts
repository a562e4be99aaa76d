/** `alexnet convert`: from a file of weights to a set that `load()` reads. */
import { open, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OptionsError } from '../errors';
import { convertRecipe, tableRow } from '../weights/convert/recipe';
import type { FileParts } from '../weights/convert/fileParts';
import { writeFolder } from '../weights/folder';
import type { StoredType } from '../weights/quantize';
import { indexModule, writeSet } from '../weights/write';

interface Options {
  output: string;
  quantize: StoredType;
  gzip: boolean;
  json?: boolean;
}

/** Converts a file; the folder gets model.json, its shards and index.js, the set whole or not at all. Other files in it stay. */
export async function convertFile(input: string, { output, quantize, gzip, json }: Options): Promise<{ done: number; skipped: number }> {
  if (!input.endsWith('.safetensors')) {
    throw new OptionsError(
      `convert: ${input} is read as .safetensors, written by weights/tiny-imagenet-200/recipe. Other files cannot be converted yet.`,
    );
  }
  const handle = await open(input).catch((error: NodeJS.ErrnoException) => {
    throw new OptionsError(`convert: ${input} cannot be read (${error.code === 'ENOENT' ? 'there is no such file' : error.message}).`);
  });
  try {
    const file: FileParts = {
      name: basename(input),
      size: (await handle.stat()).size,
      async read(start, end) {
        const bytes = new Uint8Array(end - start);
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        return bytes.subarray(0, bytesRead);
      },
    };
    if (!json) console.log(tableRow({ from: 'in the file', to: 'in the set', shape: [], as: 'stored as' }));
    const { facts, tensors, classifierStartsAt } = await convertRecipe(file, {
      quantize,
      onTensor: (converted) => json || console.log(tableRow(converted)),
    });
    const { manifest, shards } = await writeSet(facts, tensors, {
      compress: gzip && ((bytes) => gzipSync(bytes, { level: 9, memLevel: 9 })),
      newShardAt: classifierStartsAt === undefined ? [] : [classifierStartsAt],
    });
    const folder = resolve(output);
    await writeFolder(folder, { manifest, shards });
    await writeFile(join(folder, 'index.js'), indexModule(manifest));
    const bytes = [...shards.values()].reduce((sum, shard) => sum + shard.length, 0);
    if (json) console.log(JSON.stringify({ name: manifest.name, folder, bytes, shards: manifest.shards }, null, 2));
    else console.log(`${folder}: model.json and ${shards.size} shards, ${(bytes / 1e6).toFixed(2)} MB.`);
    return { done: 1, skipped: 0 };
  } finally {
    await handle.close();
  }
}
