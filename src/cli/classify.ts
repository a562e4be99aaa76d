/** `alexnet classify`: prints the top classes of images, with bars as in figure 4 of the paper. */
import { reasonOf } from '../errors';
import type { CropKind } from '../preprocessing/crop';
import type { BackendName } from '../backends/backends';
import type { LoadOptions } from '../model/load';
import { bars } from './predictionBars';
import { oneLine, printJSON } from './terminal';
import { loadWithBar } from './progress';
import { setsOf, type SourceOptions } from './weights';

interface ClassifyCommandOptions extends SourceOptions {
  top: number;
  crops: CropKind;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  precision: LoadOptions['precision'];
  json?: boolean;
}

/** Classifies images one by one. Reports and skips those that cannot be read. */
export async function classifyFiles(
  files: string[],
  { top, crops, json, ...loading }: ClassifyCommandOptions,
): Promise<{ done: number; skipped: number }> {
  const model = await loadWithBar(await setsOf('classify', loading));
  const results: object[] = [];
  let skipped = 0;
  for (const file of files) {
    try {
      const start = performance.now();
      const predictions = await model.classify(file, { topK: top, crops });
      results.push({ file, predictions });
      if (!json)
        console.log(
          `${oneLine(file)}  (${Math.round(performance.now() - start)} ms on ${model.backend})\n${bars(predictions)}\n`,
        );
    } catch (error) {
      skipped++;
      results.push({ file, error: reasonOf(error) });
      console.error(`alexnet: ${reasonOf(error)}`);
    }
  }
  if (json) printJSON(results);
  model.dispose();
  return { done: files.length - skipped, skipped };
}
