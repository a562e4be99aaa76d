/** `alexnet export`: exports a set of weights to a file or folder for another framework. */
import { regularBlob } from '../platform/regularFile';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { AlexNetError, OptionsError } from '../errors';
import { tableHead, tableRow } from '../weights/convert/conversionTable';
import { defaultSet } from '../weights/read/defaultSet';
import { exportModel, type ExportFormat, type ExportOptions } from '../weights/export/exportModel';
import type { WeightsInput } from '../weights/read/source';
import { openOutput } from './atomicOutput';
import { oneLine, printJSON } from './terminal';
import { progressBar } from './progress';
import { setsOf, type SourceOptions } from './weights';

interface ExportCommandOptions
  extends Pick<ExportOptions, 'quantize' | 'input' | 'layout'>, SourceOptions {
  output: string;
  base?: string;
  force?: boolean;
  json?: boolean;
}

/**
 * Writes the file or folder and prints a row for each tensor. If it fails, an existing output is
 * left unchanged.
 */
export async function exportSet(
  address: string | undefined,
  { output, force = false, json, cache, from, base, ...options }: ExportCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const format = await formatOf(output);
  const path = resolve(output);
  const sets = await setsOf('export', {
    ...(address !== undefined && { weights: address }),
    ...(base !== undefined && { base }),
    ...(cache !== undefined && { cache }),
    ...(from !== undefined && { from }),
  });
  const writer = await openOutput(path, format === 'tfjs', force);
  const stop = new AbortController();
  const interrupt = () => stop.abort(new AlexNetError('export: stopped. Nothing was written.'));
  process.once('SIGINT', interrupt);
  const bar = progressBar('exporting', 100, '{phase} {percentage} %');
  const rows: string[] = [];
  try {
    await exportModel(await weightsAt(sets.weights), writer.put, {
      ...options,
      ...(sets.base !== undefined && { base: sets.base }),
      format,
      signal: stop.signal,
      onTensor: (tensor) => rows.push(oneLine(tableRow(tensor))),
      onProgress: ({ phase, loaded, total }) =>
        bar.update(Math.round((100 * loaded) / total), { phase }),
    });
    await writer.finish();
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
  }
  const { files, bytes } = writer;
  if (json) printJSON({ format, path, files: [...files], bytes });
  else {
    const what = format === 'tfjs' ? `model.json and ${files.size - 1} shards` : 'written';
    console.log(
      `${[tableHead(), ...rows].join('\n')}\n${path}: ${what}, ${(bytes / 1e6).toFixed(2)} MB.`,
    );
  }
  return { done: 1, skipped: 0 };
}

/** Returns the format for an output, by its extension. */
async function formatOf(output: string): Promise<ExportFormat> {
  const extension = extname(output);
  if (extension === '.safetensors' || extension === '.onnx')
    return extension.slice(1) as ExportFormat;
  const existing = await stat(output).catch(() => undefined);
  if (existing?.isDirectory() || /[/\\]$/.test(output) || extension === '') return 'tfjs';
  throw new OptionsError(
    `export: ${output} must be a .safetensors file, an .onnx file or a folder such as tfjs/, got ${extension}.`,
  );
}

/**
 * Returns the weights at a path or URL: a model.json, a folder with one, or a .zip from `save()`.
 */
async function weightsAt(address: string | undefined): Promise<WeightsInput> {
  if (address === undefined) return defaultSet();
  if (/^https?:/.test(address)) return address;
  if (extname(address) === '.zip') {
    const zip = await regularBlob(address).catch(() => {
      throw new OptionsError(`export: ${address} cannot be read. Check the path.`);
    });
    return new File([zip], basename(address));
  }
  const existing = await stat(address).catch(() => undefined);
  return existing?.isDirectory() ? `${address.replace(/[/\\]+$/, '')}/` : address;
}
