/**
 * Opens sets only: the script-tag bundle is one file, without the converter. Replaces
 * `openModelFile.ts` there.
 */
import { OptionsError } from '../../errors';
import type { WeightSource } from '../read/source';
import { zipSource } from '../read/zipSource';
import { beginsLikeText } from './beginsLikeText';
import type { ModelFileInput } from './modelFile';

export async function openModelFile(
  input: ModelFileInput,
  name: string,
  set: WeightSource | undefined,
): Promise<WeightSource> {
  if (set) {
    const isModel = /\.(pth?|tar|safetensors|caffemodel|onnx)([?#]|$)/i.test(name);
    if (!isModel) return set;
  } else {
    const zip = new Blob([input as Blob]);
    const head = new Uint8Array(await zip.slice(0, 64).arrayBuffer());
    if ((head[0] === 0x50 && head[1] === 0x4b) || beginsLikeText(head)) return zipSource(zip, name);
  }
  throw new OptionsError(
    `load: weights must be a set, since the build for script tags does not contain the converter, got ${name}. Import the ES module, or convert the file with npx alexnet convert.`,
  );
}
