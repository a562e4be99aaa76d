/**
 * saved() and remove(): the models in the browser's storage. What knows of it is fetched when they
 * are called.
 */
import type { SavedModel } from './savedModels';

export type { SavedModel };

/**
 * The models that were saved as `indexeddb://…` by this site in this browser, by name. Where there
 * is no IndexedDB there are none.
 */
export const saved = async (): Promise<SavedModel[]> => (await import('./savedModels')).saved();

/**
 * Deletes a model: `await remove('indexeddb://pets')`. Answers whether there was one.
 *
 * @throws OptionsError for anything but `indexeddb://` and a name.
 * @throws WeightsError when the storage cannot be used.
 */
export const remove = async (where: string): Promise<boolean> =>
  (await import('./savedModels')).remove(where);
