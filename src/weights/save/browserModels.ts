/**
 * `saved()` and `remove()`: the models in the browser's storage. Their code is loaded on demand.
 */
import type { SavedModel } from './savedModels';

export type { SavedModel };

/**
 * Returns the models that this site has saved as `indexeddb://…` in this browser, by name; none
 * without IndexedDB.
 */
export const saved = async (): Promise<SavedModel[]> => (await import('./savedModels')).saved();

/**
 * Deletes a model: `await remove('indexeddb://pets')`. Returns whether there was one.
 *
 * @throws OptionsError if the address is not `indexeddb://` and a name.
 * @throws WeightsError if the storage cannot be used.
 */
export const remove = async (where: string): Promise<boolean> =>
  (await import('./savedModels')).remove(where);
