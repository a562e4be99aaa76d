/** network: loads the network that the visitor chose, the shipped one or their own. */
import { load, type LoadOptions, type Model } from 'alexnet-ts/worker';
import { ownWeightFiles, ownWeights, usesOwnWeights } from './ownWeights';

/** Returns the files of the visitor's weights if they chose them, else undefined. */
export async function chosenWeights(): Promise<File[] | undefined> {
  const own = usesOwnWeights() ? ownWeights() : undefined;
  return own && ownWeightFiles(own);
}

/** As `load()` in a worker, with the weights that the visitor chose. */
export async function loadNetwork(options: LoadOptions): Promise<Model> {
  const weights = await chosenWeights();
  return load({ ...options, ...(weights && { weights }) });
}
