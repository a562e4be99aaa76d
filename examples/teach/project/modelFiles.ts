/** modelFiles: the files of a model's set of weights, as `load({ weights: files })` reads them. */
import type { Model, SaveOptions } from 'alexnet-ts/worker';

/** A file of a set: `model.json`, or a shard. */
export interface ModelFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

interface Artifacts {
  modelTopology: { shards: readonly { path: string; bytes: number }[] };
  weightData: ArrayBuffer;
}

/** Returns the files of a model. By default only its trained layers, as `save()`. */
export async function modelFiles(
  model: Pick<Model, 'save'>,
  options?: SaveOptions,
): Promise<ModelFile[]> {
  let files: ModelFile[] = [];
  const handler = {
    async save(artifacts: unknown) {
      files = splitShards(artifacts as Artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    },
  };
  await model.save(handler, options);
  return files;
}

function splitShards({ modelTopology, weightData }: Artifacts): ModelFile[] {
  let at = 0;
  const shards = modelTopology.shards.map(({ path, bytes }) => ({
    name: path,
    bytes: new Uint8Array(weightData.slice(at, (at += bytes))),
  }));
  const manifest = new TextEncoder().encode(JSON.stringify(modelTopology));
  return [{ name: 'model.json', bytes: manifest }, ...shards];
}

/** Returns files for `load({ weights })`. */
export const asFiles = (files: readonly ModelFile[]): File[] =>
  files.map(({ name, bytes }) => new File([bytes], name));
