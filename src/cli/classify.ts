/** `alexnet classify`: the top classes of pictures, with bars as in the paper's figure 4. */
import { reasonOf } from '../errors';
import type { CropKind } from '../preprocessing/crop';
import type { BackendName } from '../backends/backends';
import { bars } from './predictionBars';
import { loadWithBar } from './progress';

interface Options {
  top: number;
  crops: CropKind;
  weights?: string;
  base?: string;
  backend: 'auto' | BackendName;
  json?: boolean;
}

/** Classifies one picture after the other; one that cannot be read is reported and skipped. */
export async function classifyFiles(
  files: string[],
  { top, crops, json, ...loading }: Options,
): Promise<{ done: number; skipped: number }> {
  const model = await loadWithBar(loading);
  const answers: object[] = [];
  let skipped = 0;
  for (const file of files) {
    try {
      const start = performance.now();
      const predictions = await model.classify(file, { topK: top, crops });
      answers.push({ file, predictions });
      if (!json)
        console.log(
          `${file}  (${Math.round(performance.now() - start)} ms on ${model.backend})\n${bars(predictions)}\n`,
        );
    } catch (error) {
      skipped++;
      answers.push({ file, error: reasonOf(error) });
      console.error(`alexnet: ${reasonOf(error)}`);
    }
  }
  if (json) console.log(JSON.stringify(answers, null, 2));
  model.dispose();
  return { done: files.length - skipped, skipped };
}
