/** Progress bars on stderr, where stderr is a terminal. */
import { Presets, SingleBar } from 'cli-progress';
import { load, type LoadOptions } from '../model/load';
import type { Model } from '../model/model';

/** Matches the placeholders that cli-progress fills in itself. */
const FILLED = /^(bar|value|total|percentage|(eta|duration)(_formatted)?)$/;

/** Starts a progress bar that counts to `total`. Prints nothing if stderr is not a terminal. */
export function progressBar(what: string, total: number, format = '{value} of {total}'): SingleBar {
  const bar = new SingleBar(
    {
      format: `${what} {bar} ${format}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    },
    Presets.shades_classic,
  );
  // The other values are unknown until the first update.
  const others = [...format.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const unknown = others.filter((name) => !FILLED.test(name)).map((name) => [name, '…']);
  bar.start(total, 0, Object.fromEntries(unknown) as object);
  return bar;
}

/** Loads a model, with a progress bar for the download and the layers. */
export async function loadWithBar({
  weights,
  base,
  backend,
  precision,
}: {
  weights?: string;
  base?: string;
  backend: NonNullable<LoadOptions['backend']>;
  precision?: LoadOptions['precision'];
}): Promise<Model> {
  const bar = progressBar('loading', 100, '{phase} {percentage} %');
  try {
    return await load({
      backend,
      precision,
      ...(weights === undefined ? {} : { weights }),
      ...(base === undefined ? {} : { base }),
      onProgress: ({ phase, loaded, total }) =>
        bar.update(Math.round((100 * loaded) / total), { phase }),
    });
  } finally {
    bar.stop();
  }
}
