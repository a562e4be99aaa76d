/** networkLoader: downloads the network while the visitor reads, or on a click to save data. */
import type { Model } from 'alexnet-ts/worker';
import { loadNetwork } from '../gallery/network';
import type { StatusLine } from '../gallery/statusLine';

/** Whether the visitor has asked the browser to download as little as possible. */
export const savesData = (): boolean =>
  (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** Resolves when the network has loaded. Problems are shown in `status`, with a button to retry. */
export function networkLoader(status: StatusLine, size: string): Promise<Model> {
  return new Promise((resolve) => {
    const load = async () => {
      status.progress('Downloading the network …');
      try {
        resolve(await loadNetwork({ onProgress: status.loading }));
      } catch (error) {
        status.fail(error, load);
      }
    };
    if (savesData())
      status.offer(
        `Your browser is set to save data. The figures need the network, ${size}.`,
        'Download it',
        load,
      );
    else void load();
  });
}
