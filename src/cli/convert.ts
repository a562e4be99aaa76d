/**
 * `alexnet convert`: converts weights from PyTorch, Caffe, ONNX or this project's recipe to a set
 * for `load()`.
 */
import { basename, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MAX_TEXT_BYTES, readRegular } from '../platform/regularFile';
import { OptionsError } from '../errors';
import { readCaffeMean } from '../weights/convert/caffe';
import { tableHead, tableRow } from '../weights/convert/conversionTable';
import { readLabels } from '../weights/convert/labels';
import { openFolder } from '../weights/save/folder';
import type { StoredType } from '../weights/format/quantize';
import { indexModule, streamSet } from '../weights/save/write';
import { convertModelFile } from '../weights/sources/convertedSet';
import { cannotRead, withLocalFile } from '../weights/sources/localFile';
import { withWeightsFile, type SourceOptions } from './weights';
import { oneLine, printJSON } from './terminal';

interface ConvertCommandOptions extends SourceOptions {
  output: string;
  /** @default 'uint8' for a named source, else 'float32' */
  quantize?: StoredType;
  gzip: boolean;
  labels?: string;
  mean?: string;
  variant?: 'caffe' | 'caffenet';
  channels?: 'rgb' | 'bgr';
  name?: string;
  json?: boolean;
}

/**
 * Converts a file or a named source, and writes model.json, its shards and index.js to the output
 * folder. If it fails, the folder is left unchanged. Other files in the folder are kept.
 */
export async function convertFile(
  input: string,
  options: ConvertCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const { output, gzip, variant, channels, name, json } = options;
  const labels =
    options.labels === undefined
      ? undefined
      : readLabels(await readBytes(options.labels), basename(options.labels), (note) =>
          console.error(oneLine(note)),
        );
  const mean = options.mean === undefined ? undefined : await readMean(options.mean);
  return withWeightsFile(input, options, async (file, source, sha256) => {
    const { quantize = source ? 'uint8' : 'float32' } = options;
    const converted = await convertModelFile(file, source, sha256, {
      input,
      options: {
        ...{ quantize, labels, mean, variant, channels, name },
        onTensor: (tensor) => json || console.log(oneLine(tableRow(tensor))),
        onNote: (note) => console.error(oneLine(note)),
      },
    });
    if (!json) console.log(tableHead());
    const folder = resolve(output);
    const writer = await openFolder(folder);
    try {
      const { facts, tensors, classifierStartsAt } = converted;
      const streamed = await streamSet(facts, tensors, (shard) => writer.put(shard), {
        compress: gzip && ((bytes) => gzipSync(bytes, { level: 9, memLevel: 9 })),
        newShardAt: classifierStartsAt === undefined ? [] : [classifierStartsAt],
      });
      const manifest = await writer.finish(streamed, (written) => ({
        'index.js': indexModule(written),
      }));
      const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
      if (json) printJSON({ name: manifest.name, folder, bytes, shards: manifest.shards });
      else
        console.log(
          `${folder}: model.json and ${manifest.shards.length} shards, ${(bytes / 1e6).toFixed(2)} MB.`,
        );
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return { done: 1, skipped: 0 };
  });
}

const readBytes = (path: string): Promise<Uint8Array> =>
  readRegular(path, { limit: MAX_TEXT_BYTES }).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(path, error);
  });

/** Parses `--mean`: `r,g,b`, or the path of a Caffe mean.binaryproto. */
async function readMean(mean: string): Promise<[number, number, number]> {
  if (!/^[-\d.,\s]+$/.test(mean)) return withLocalFile(mean, readCaffeMean);
  const levels = mean.split(',').map((level) => (level.trim() === '' ? NaN : Number(level)));
  if (levels.length !== 3 || !levels.every((level) => level >= 0 && level <= 255)) {
    throw new OptionsError(
      `convert: --mean must be red,green,blue from 0 to 255, such as 122.7,116.7,104.0, or a mean.binaryproto, got ${mean}.`,
    );
  }
  return levels as [number, number, number];
}
